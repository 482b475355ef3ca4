import fc from 'fast-check'
import {
  type ImportOptions,
  importDefaults,
  importUsers,
} from '../../../../services/cli/import/import-users.ts'
import type { AccountContext } from '../../../../services/cli/store/open-store.ts'
import { builtInCredentials } from '../../../../services/gateway/accounts/built-in-credentials.ts'
import { assert, claims } from '../../../support/suite.ts'
import { importDesk } from '../../../support/worlds/import-desk.ts'

const hash = 'pbkdf2_sha1$1000000$33ua2t0E5poSEKfosxLcv2$spPGJ4ZQi22rLzcQcm2sFbZuqoI='

const aDesk = (): AccountContext => importDesk('admin')

const user = (pk: unknown, fields: object, model = 'auth.user') => ({
  model,
  pk,
  fields: { password: hash, ...fields },
})
const group = (pk: unknown, name: string) => ({
  model: 'auth.group',
  pk,
  fields: { name, permissions: [] },
})

const inPieces = async function* (bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
const runBytes = (desk: AccountContext, bytes: Uint8Array, over: Partial<ImportOptions> = {}) =>
  importUsers(desk, inPieces(bytes, 3), () => {}, { ...importDefaults, ...over })
const run = (desk: AccountContext, rows: unknown, over: Partial<ImportOptions> = {}) =>
  runBytes(desk, Buffer.from(JSON.stringify(rows)), over)
const whoIs = (desk: AccountContext, login: string) => builtInCredentials(desk).subjectOf(login)

claims('an import of custom user models', {
  'takes any AUTH_USER_MODEL, by name or by e-mail address as USERNAME_FIELD has it': async () => {
    const uuid = '0d4b1c1e-7d4f-4f3a-9f0e-0f5d8c6f2a11'
    const cases: readonly [rows: object[], over: Partial<ImportOptions>, name: string][] = [
      [[user(uuid, { username: 'ann' }, 'accounts.customuser')], {}, 'ann'],
      [[user(uuid, { email: 'Ann@example.org' }, 'people.member')], {}, 'Ann@example.org'],
      [[user(uuid, { phone: '+49 1' }, 'a.b')], { model: 'a.b', usernameField: 'phone' }, '+49 1'],
      [[user(uuid, { email: 'a@b', username: 'ann' })], { usernameField: 'email' }, 'a@b'],
    ]
    for (const [rows, over, name] of cases) {
      const desk = aDesk()
      const { imported, refused } = await run(desk, rows, over)
      assert.equal([imported, refused], [1, []], name)
      assert.is((await desk.accounts.directory.byName(name))?.id, uuid)
    }
  },

  'what is no user is refused with its model; what a dump of auth brings along is passed over':
    async () => {
      const desk = aDesk()
      const { rows, imported, refused } = await run(desk, [
        { model: 'auth.permission', pk: 1, fields: { name: 'Can add', codename: 'add' } },
        { model: 'contenttypes.contenttype', pk: 1, fields: { app_label: 'auth' } },
        group(1, 'editors'),
        user(1, { username: 'ann' }, 'accounts.person'),
        { model: 'shop.order', pk: 1, fields: { total: 3 } },
        user(1, { username: 'mallory' }, 'mail.account'),
      ])
      assert.equal([rows, imported], [3, 1])
      const told = refused.map(({ row, field, reason }) => `${row} ${field} ${reason}`)
      assert.match(told[0] ?? '', /^5 model .*shop\.order/)
      assert.match(told[1] ?? '', /^6 model .*mail\.account.*accounts\.person.*--model/)
    },

  'groups are roles, by primary key and by name': async () => {
    const desk = aDesk()
    const { refused } = await run(desk, [
      group(1, 'editors'),
      group(7, 'Content  reviewers'),
      user(1, { username: 'ann', groups: [1, 7], is_staff: true }),
      user(2, { username: 'ben', groups: [['editors']], is_superuser: true }),
      user(3, { username: 'carl' }),
    ])
    assert.equal(refused, [])
    const rolesOf = async (name: string) => (await desk.accounts.directory.byName(name))?.roles
    assert.equal(await rolesOf('ann'), ['staff', 'editors', 'Content-reviewers'])
    assert.equal(await rolesOf('ben'), ['admin', 'editors'])
    assert.equal(await rolesOf('carl'), [])
  },

  'a group that cannot be a role refuses its users, with the option that helps': async () => {
    const rows = [
      group(1, 'admin'),
      group(2, 'Rédaction, Paris'),
      group(3, 'a b'),
      group(4, 'a-b'),
      user(1, { username: 'ann', groups: [1] }),
      user(2, { username: 'ben', groups: [2] }),
      user(3, { username: 'carl', groups: [3, 4] }),
      user(4, { username: 'dan', groups: [99] }),
      user(5, { username: 'root', groups: [1], is_superuser: true }),
    ]
    const { imported, refused } = await run(aDesk(), rows)
    assert.equal([imported, refused.map(({ field }) => field)], [1, Array(4).fill('fields.groups')])
    const reasons = refused.map(({ reason }) => reason)
    for (const [index, wanted] of [
      /administrator.*--group-role/,
      /cannot be a role.*--group-role/,
      /role of "a b".*--group-role/,
      /group 99.*auth\.group/,
    ].entries()) {
      assert.match(reasons[index] ?? '', wanted)
    }
    const desk = aDesk()
    const groupRoles = new Map([
      ['admin', 'admin'],
      ['Rédaction, Paris', 'paris'],
      ['a b', 'ab'],
    ])
    assert.equal((await run(desk, rows.slice(0, 7), { groupRoles })).imported, 3)
    assert.equal((await desk.accounts.directory.byName('ben'))?.roles, ['paris'])
    assert.is((await run(aDesk(), rows, { takesGroups: false })).imported, 5)
  },

  'people log in by name or by e-mail address, in whatever case': async () => {
    const desk = aDesk()
    const email = 'Ann.Smith@Example.org'
    const { withoutEmail } = await run(desk, [user(1, { username: 'ann', email })])
    assert.equal(withoutEmail, [])
    const sub = (await desk.accounts.directory.byName('ann'))?.sub
    for (const login of ['ann', email, email.toLowerCase(), email.toUpperCase()]) {
      assert.is(await whoIs(desk, login), sub)
    }
    assert.is(await whoIs(desk, 'ANN'), null)
    const other = aDesk()
    await run(other, [user(1, { username: 'ann', email })], { takesEmails: false })
    assert.is(await whoIs(other, email), null)
  },

  'people whose name is their address log in by it in whatever case': async () => {
    for (const email of ['ann@x.org', 'Ann@x.org', 'ANN@X.ORG']) {
      for (const fields of [{ email }, { email, username: email }]) {
        const desk = aDesk()
        const { imported, withoutEmail } = await run(desk, [user(1, fields)])
        assert.equal([imported, withoutEmail], [1, []])
        const sub = (await desk.accounts.directory.byName(email))?.sub
        for (const login of [email, 'ann@x.org', 'Ann@x.org', 'ANN@X.ORG']) {
          assert.is(await whoIs(desk, login), sub, `${login} of ${email}`)
        }
      }
    }
  },

  'an address that is somebody else’s name or address logs in that one, and is told': async () => {
    const desk = aDesk()
    const report = await run(desk, [
      user(1, { username: 'ann', email: 'shared@x.org' }),
      user(2, { username: 'ben', email: 'SHARED@x.org' }),
      user(3, { username: 'carl@x.org', email: 'CARL@x.org' }),
      user(4, { username: 'dan', email: '' }),
      user(5, { username: 'eve', email: 'no address' }),
    ])
    assert.equal([report.imported, report.refused], [5, []])
    const again = await run(desk, [
      user(6, { username: 'fay', email: 'carl@X.org' }),
      user(7, { username: 'shared@x.org' }),
    ])
    assert.equal(again.imported, 1)
    const told = [...report.withoutEmail, ...again.withoutEmail, ...again.refused]
    assert.equal(
      told.map(({ username, field }) => `${username} ${field}`),
      ['ben fields.email', 'fay fields.email', 'shared@x.org fields.username'],
    )
    assert.ok(told.every(({ reason }) => reason.length > 10))
    assert.is(await whoIs(desk, 'shared@x.org'), (await desk.accounts.directory.byName('ann'))?.sub)
    assert.is(
      await whoIs(desk, 'carl@x.org'),
      (await desk.accounts.directory.byName('carl@x.org'))?.sub,
    )
  },

  'names have up to 254 characters, however many bytes': async () => {
    for (const letter of ['a', 'é', '😀']) {
      const desk = aDesk()
      const rows = [254, 255].map((count) => user(count, { username: letter.repeat(count) }))
      const { imported, refused } = await run(desk, rows)
      assert.equal([imported, refused.map(({ field }) => field)], [1, ['fields.username']])
      assert.match(refused[0]?.reason ?? '', /254 characters/)
      assert.is((await desk.accounts.directory.byName(letter.repeat(254)))?.id, '254')
    }
  },
})

const marks = { 'utf-8': [0xef, 0xbb, 0xbf], le: [0xff, 0xfe], be: [0xfe, 0xff] }
const encoded = (text: string, encoding: keyof typeof marks): Buffer => {
  if (encoding === 'utf-8') return Buffer.from(text)
  const bytes = Buffer.from(text, 'utf16le')
  return encoding === 'le' ? bytes : bytes.swap16()
}

claims('the encoding of an imported file', {
  'is UTF-8 or UTF-16, with a byte-order mark or without': () =>
    fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => {
          return /^[\p{L}\p{N}]+$/u.test(text) && !/\p{Default_Ignorable_Code_Point}/u.test(text)
        }),
        fc.constantFrom(...(Object.keys(marks) as (keyof typeof marks)[])),
        fc.boolean(),
        fc.constantFrom(2, undefined),
        async (username, encoding, isMarked, indent) => {
          const text = JSON.stringify([user(1, { username })], null, indent)
          const mark = Buffer.from(isMarked ? marks[encoding] : [])
          const desk = aDesk()
          const report = await runBytes(desk, Buffer.concat([mark, encoded(text, encoding)]))
          assert.equal([report.imported, report.broken], [1, null])
          assert.is((await desk.accounts.directory.byName(username.normalize('NFC')))?.id, '1')
        },
      ),
      { numRuns: 60 },
    ),

  'of another kind is told, and no name is guessed': async () => {
    const text = JSON.stringify([user(1, { username: 'Rene' }), user(2, { username: 'René' })])
    const desk = aDesk()
    const latin = await runBytes(desk, Buffer.from(text, 'latin1'))
    assert.is(latin.imported, 1)
    assert.equal(latin.refused, [{ row: 2, field: null, username: null, reason: 'is not UTF-8' }])
    const utf32 = Buffer.concat([Buffer.from([0xff, 0xfe, 0, 0]), Buffer.from('[\0\0\0')])
    assert.match(String((await runBytes(aDesk(), utf32)).broken), /UTF-32/)
    const odd = Buffer.concat([encoded(text, 'le'), Buffer.from([0x20])])
    assert.match(String((await runBytes(aDesk(), odd)).broken), /UTF-16/)
    assert.match(String((await runBytes(aDesk(), Buffer.from([0xef, 0xbb, 0xbf]))).broken), /empty/)
    assert.match(String((await runBytes(aDesk(), Buffer.alloc(0))).broken), /empty/)
  },
})
