import fc from 'fast-check'
import { DjangoDumpReader } from '../../../../services/cli/import/django-users.ts'
import {
  type ImportOptions,
  importDefaults,
  importUsers,
} from '../../../../services/cli/import/import-users.ts'
import type { AccountContext } from '../../../../services/cli/store/open-store.ts'
import { aUser } from '../../../support/fakes/builders.ts'
import { assert, claims } from '../../../support/suite.ts'
import { importDesk } from '../../../support/worlds/import-desk.ts'

const hash = 'pbkdf2_sha1$1000000$33ua2t0E5poSEKfosxLcv2$spPGJ4ZQi22rLzcQcm2sFbZuqoI='

const aDesk = (): AccountContext => importDesk('root')

const row = (pk: unknown, username: unknown, fields: object = {}) => ({
  model: 'auth.user',
  pk,
  fields: { username, password: hash, is_active: true, email: 'x@example.org', ...fields },
})

const bytesOf = async function* (text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
const run = (desk: AccountContext, given: unknown, options: Partial<ImportOptions> = {}) => {
  const text = typeof given === 'string' ? given : JSON.stringify(given)
  return importUsers(desk, bytesOf(text), () => {}, { ...importDefaults, ...options })
}

claims('an import of Django’s users', {
  'keeps id, name, hash and state; superuser and staff become roles': async () => {
    const desk = aDesk()
    const both = { is_superuser: true, is_staff: true, is_active: false }
    const report = await run(desk, [row(7, 'alice', both), row('a-uuid', 'bob')])
    const { rows, imported, skipped, refused } = report
    assert.equal([rows, imported, skipped, refused], [2, 2, 0, []])
    const alice = await desk.accounts.directory.byName('alice')
    assert.equal(
      [alice?.id, alice?.passwordHash, alice?.roles, alice?.active, alice?.due],
      ['7', hash, ['root', 'staff'], false, null],
    )
    assert.equal((await desk.accounts.directory.byName('bob'))?.roles, [])
  },

  'may be run again: who is there is skipped and stays as it is': async () => {
    const desk = aDesk()
    const file = Array.from({ length: 100 }, (_, index) => row(index, `user-${index}`))
    assert.is((await run(desk, file.slice(0, 60))).imported, 60)
    const user = await desk.accounts.directory.byName('user-3')
    if (user)
      await desk.accounts.directory.change(user.sub, { passwordHash: 'newer', roles: ['editor'] })
    const { rows, imported, skipped, refused } = await run(desk, file)
    assert.equal([rows, imported, skipped, refused], [100, 40, 60, []])
    const after = await desk.accounts.directory.byName('user-3')
    assert.equal([after?.passwordHash, after?.roles], ['newer', ['editor']])
  },

  'an account that Django let nobody in to with a password is such a one here': async () => {
    const desk = aDesk()
    const { imported, withoutPassword } = await run(desk, [
      row(1, 'sso', { password: '!T8dYh2kq0wX' }),
    ])
    assert.equal([imported, withoutPassword], [1, 1])
    assert.is((await desk.accounts.directory.byName('sso'))?.passwordHash, '!')
  },

  'every refusal names row, field, user and reason, and no hash': async () => {
    const desk = aDesk()
    await desk.accounts.directory.create(aUser({ username: 'taken', id: 'another' }))
    const { rows, imported, refused } = await run(desk, [
      row(1, 'ann'),
      row(2, 'ann'),
      row(1, 'ben'),
      row(3, 'taken'),
      row(4, 'carl', { password: 'md5$secret$hash' }),
      row(5, ' dan '),
      row(6, 7),
      row(null, 'eve'),
      row(7, 'fred', { is_active: 'yes' }),
      { model: 'auth.group', pk: 8, fields: { username: 'g', password: hash } },
      { pk: 9 },
      row(10, 'last'),
    ])
    assert.equal([rows, imported], [12, 2])
    assert.equal(
      refused.map(({ row: number, field, username }) => [number, field, username]),
      [
        [2, 'fields.username', 'ann'],
        [3, 'pk', 'ben'],
        [4, 'fields.username', 'taken'],
        [5, 'fields.password', 'carl'],
        [6, 'fields.username', ' dan '],
        [7, 'fields.username', null],
        [8, 'pk', 'eve'],
        [9, 'fields.is_active', 'fred'],
        [10, 'model', 'g'],
        [11, 'model', null],
      ],
    )
    assert.ok(refused.every(({ reason }) => reason.length > 5))
    assert.not.match(JSON.stringify(refused), /md5|secret|pbkdf2/)
    assert.is((await desk.accounts.directory.byName('taken'))?.id, 'another')
  },

  'one odd row, whatever stands in it, is refused alone, with a line': () => {
    const odd = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom<unknown>('x', '', 7, 0, true, false, null, [], [1], {}, ['username']),
    )
    const models = fc.constantFrom('auth.user', 'auth.group', 'a.user', 'a.b')
    // None of them has a hash, so none is a user.
    const rows = fc.record(
      { model: fc.oneof(odd, models), pk: odd, fields: odd },
      { requiredKeys: [] },
    )
    const ways = fc.constantFrom<Partial<ImportOptions>>(
      {},
      { model: 'auth.user' },
      { usernameField: 'email' },
      { usernameField: 'length' },
      { takesEmails: false, takesGroups: false },
    )
    return fc.assert(
      fc.asyncProperty(fc.array(rows, { minLength: 1 }), odd, ways, async (drawn, any, way) => {
        const desk = aDesk()
        const named = way.usernameField ?? 'username'
        const good = (pk: number) => row(pk, `user-${pk}`, { [named]: `user-${pk}@x.org` })
        const report = await run(desk, [good(1), ...drawn, good(2)], way)
        assert.equal([report.imported, report.broken], [2, null])
        assert.equal(
          report.refused.map(({ row: number }) => number),
          drawn.map((_, index) => index + 2),
        )
        assert.ok(report.refused.every(({ reason }) => reason.length > 3))
        const reader = new DjangoDumpReader({ ...importDefaults, ...way, adminRole: 'root' })
        assert.is(reader.read(any, 1).kind, 'refused')
      }),
      { numRuns: 300 },
    )
  },

  'a row that is no JSON is refused alone; a file that is cut off says so, and what came counts':
    async () => {
      const desk = aDesk()
      const [ann, ben] = [row(1, 'ann'), row(2, 'ben')].map((one) => JSON.stringify(one))
      const odd = await run(desk, `[${ann}, {"model": nothing}, ${ben}]`)
      assert.equal([odd.imported, odd.refused.map(({ row: number }) => number)], [2, [2]])
      const cut = await run(desk, `[${JSON.stringify(row(3, 'cut'))}, {"model": "auth.us`)
      assert.equal([cut.imported, cut.broken], [1, 'it ends within row 2'])
      const xml = await run(desk, '<django-objects/>')
      assert.equal([xml.rows, xml.imported], [0, 0])
      assert.match(String(xml.broken), /something else than objects/)
    },
})
