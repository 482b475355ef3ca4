import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemEntropy } from '../../../shared/kernel/entropy.ts'
import { openKeyFiles } from '../../../shared/tokens/key-rings/index.ts'
import { curfew } from '../../support/processes/curfew-command.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'
import { inWorld } from '../../support/worlds/gateway-world.ts'
import { lmdbBackingIn } from '../../support/worlds/world-backing.ts'

type Rows = readonly Readonly<Record<string, unknown>>[]

const rowsOf = async (dir: string, ...args: readonly string[]): Promise<Rows> => {
  const { code, output } = await curfew(dir, [...args, '--json'])
  assert.is(code, 0, output)
  return JSON.parse(output) as Rows
}
const linesOf = async (dir: string, ...args: readonly string[]): Promise<readonly string[]> =>
  (await curfew(dir, args)).output.trimEnd().split('\n')

const ann = { username: 'ann', email: 'Ann@x.org' }
const lists: readonly (readonly [readonly string[], string])[] = [
  [['users', 'list'], 'NAME\tID\tSTATE'],
  [['sessions', 'list'], 'SESSION\tUSER\tCLIENT'],
  [['guards'], 'NAME\tCLIENT\tINSTANCE'],
  [['keys', 'list'], 'RING\tSTATUS\tALGORITHM'],
]

claims('curfew on a folder without a store', {
  'says so, and makes none, whatever is asked for but what adds': () =>
    inTempFolder('no-store', async (dir) => {
      const asked = [
        ...lists.slice(0, 3).map(([args]) => args),
        ['users', 'disable', 'alice'],
        ['revoke', 'everyone', '--yes'],
        ['sessions', 'end', 'f'.repeat(32)],
      ]
      const ran = await Promise.all(asked.map((args) => curfew(dir, args)))
      for (const [index, { code, output }] of ran.entries()) {
        assert.equal([code, output.includes(`no store in ${dir}`)], [1, true], asked[index]?.join())
        assert.match(output, /^curfew: STORE_ABSENT/m)
      }
      assert.equal(await readdir(dir), [])
    }),

  'makes none for an import or a user that cannot be': () =>
    inTempFolder('no-import', async (folder) => {
      const dir = join(folder, 'data')
      await mkdir(dir, { mode: 0o700 })
      const file = join(folder, 'users.json')
      await writeFile(file, '[]')
      const add = ['users', 'add', 'x', '--password-stdin']
      const failing: readonly (readonly [args: readonly string[], input?: string])[] = [
        [['import', 'django-users', join(folder, 'absent.json')]],
        [['import', 'django-users', folder]],
        [['import', 'django-users', file, '--group-role', 'none']],
        [['import', 'django-users', file, '--report', join(folder, 'absent', 'report.json')]],
        [['users', 'add', 'x']],
        [add, 'short'],
        [[...add, '--role', 'a b'], 'correct horse battery'],
      ]
      const ran = await Promise.all(failing.map(([args, input]) => curfew(dir, args, input)))
      for (const [index, { code, output }] of ran.entries()) {
        assert.is(code, 1, failing[index]?.[0].join(' '))
        assert.match(output, /^curfew: INPUT_INVALID/m)
      }
      assert.equal(await readdir(dir), [])
      // A report that was there already names users from now on.
      const report = join(folder, 'report.json')
      await writeFile(report, 'before', { mode: 0o644 })
      const done = await curfew(dir, ['import', 'django-users', file, '--report', report])
      assert.is(done.code, 0, done.output)
      assert.is((await stat(report)).mode & 0o777, 0o600)
      assert.is(JSON.parse(await readFile(report, 'utf8')).rows, 0)
    }),

  'refuses one that others may enter': () =>
    inTempFolder('open-store', async (dir) => {
      await chmod(dir, 0o755)
      const password = 'correct horse battery'
      const { code, output } = await curfew(
        dir,
        ['users', 'add', 'x', '--password-stdin'],
        password,
      )
      assert.is(code, 1)
      assert.match(output, `DATA_EXPOSED: ${dir} (mode 0755) is open to other users`)
      assert.equal(await readdir(dir), [])
    }),
})

claims('curfew, beside a running gateway', {
  'has headings on every list, and one JSON array of it': () =>
    inTempFolder('lists', async (dir) => {
      const keys = await openKeyFiles({ dir: join(dir, 'keys'), entropy: systemEntropy })
      await inWorld({ backing: lmdbBackingIn(dir), keys }, async (world) => {
        const user = await world.addUser()
        await world.open(user)
        await Promise.all(
          lists.map(async ([args, headings]) => {
            const [first = '', ...rest] = await linesOf(dir, ...args)
            assert.ok(first.startsWith(headings), first)
            const rows = await rowsOf(dir, ...args)
            assert.is(rows.length, rest.length, args.join(' '))
          }),
        )
        const rows = [{ model: 'auth.user', pk: 7, fields: { password: '!', ...ann } }]
        const file = join(dir, 'users.json')
        await writeFile(file, JSON.stringify(rows))
        assert.is((await curfew(dir, ['import', 'django-users', file])).code, 0)
        const listed = await rowsOf(dir, 'users', 'list')
        const known = new Map(listed.map((row) => [row['username'], row]))
        assert.is(known.get(user.username)?.['sub'], user.sub)
        assert.is(known.get(user.username)?.['email'], null)
        assert.is(known.get(ann.username)?.['email'], 'ann@x.org')
        assert.ok((await rowsOf(dir, 'keys', 'list')).every(({ kid }) => typeof kid === 'string'))
      })
    }),

  'shows sessions by user, name or id, and ends one': () =>
    inTempFolder('sessions', async (dir) => {
      await inWorld({ backing: lmdbBackingIn(dir) }, async (world) => {
        const [alice, bob] = [await world.addUser(), await world.addUser()]
        for (const user of [alice, alice, bob]) await world.open(user)
        const [all, byName, byId] = await Promise.all([
          rowsOf(dir, 'sessions', 'list'),
          rowsOf(dir, 'sessions', 'list', alice.username),
          rowsOf(dir, 'sessions', 'list', alice.sub, '--client', 'curfew', '--alive'),
        ])
        assert.equal([all.length, byName.length, byId.length], [3, 2, 2])
        const sid = String(byName[0]?.['sid'])
        const shown = await curfew(dir, ['sessions', 'show', sid, '--json'])
        const one = JSON.parse(shown.output) as Readonly<Record<string, unknown>>
        assert.equal([one['sid'], one['sub'], one['status']], [sid, alice.sub, 'alive'])
        assert.is((await curfew(dir, ['sessions', 'end', sid])).code, 0)
        const [left, gone, nobody] = await Promise.all([
          rowsOf(dir, 'sessions', 'list', alice.sub, '--alive'),
          curfew(dir, ['sessions', 'show', 'f'.repeat(32)]),
          curfew(dir, ['sessions', 'list', 'nobody']),
        ])
        assert.is(left.length, 1)
        assert.equal([gone.code, gone.output.includes('NOT_FOUND')], [1, true])
        assert.equal([nobody.code, nobody.output.includes('USER_UNKNOWN')], [1, true])
      })
    }),

  'removes the key that signs only when that is said': () =>
    inTempFolder('keys', async (dir) => {
      assert.is((await curfew(dir, ['keys', 'make'])).code, 0)
      const active = async () =>
        (await rowsOf(dir, 'keys', 'list')).find(
          ({ ring, status }) => ring === 'signing' && status === 'active',
        )?.['kid']
      const kid = String(await active())
      const { code, output } = await curfew(dir, ['keys', 'remove', kid])
      assert.equal([code, output.includes('--yes')], [1, true])
      assert.is(await active(), kid)
      assert.is((await curfew(dir, ['keys', 'remove', kid, '--yes'])).code, 0)
      assert.is.not(await active(), kid)
      assert.equal(await readdir(join(dir)), ['keys'])
    }),
})
