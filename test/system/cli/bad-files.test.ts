import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { curfew } from '../../support/processes/curfew-command.ts'
import { withFleet } from '../../support/processes/fleet.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

claims('a command that is given a file', {
  'that it cannot use says so in words, with a code': () =>
    withFleet(null, async (fleet) => {
      const { url } = await fleet.everything({})
      const body = JSON.stringify({ username: 'nobody', password: 'at all' })
      const headers = { 'content-type': 'application/json' }
      await fetch(`${url}/login`, { method: 'POST', headers, body })
      let id = ''
      await until('an event is indexed', async () => {
        const { output } = await curfew(fleet.dir, ['audit', 'query', '--json', '--limit', '1'])
        id = /"id":"([^"]+)"/.exec(output)?.[1] ?? ''
        return id !== ''
      })
      await until('it is signed', async () => {
        return (await curfew(fleet.dir, ['audit', 'receipt', id])).code === 0
      })
      const folder = await mkdtemp(join(tmpdir(), 'curfew-files-'))
      const plain = join(folder, 'plain')
      await writeFile(plain, 'x')
      const commands = [
        ['audit', 'check'],
        ['audit', 'receipt', id, '--out'],
        ['audit', 'export', '--out'],
        ['audit', 'export', '--follow', '--position-file'],
        ['import', 'django-users'],
        ['import', 'django-users', plain, '--report'],
      ]
      for (const command of commands) {
        for (const path of [join(folder, 'absent', 'file'), join(plain, 'below'), folder]) {
          const { code, output } = await curfew(fleet.dir, [...command, path])
          const told = `${command.join(' ')} ${path}: ${output}`
          assert.ok(code === 1 || code === 75, told)
          assert.match(output, /curfew: [A-Z]+_[A-Z]+: /, told)
          assert.ok(output.includes(path), told)
          assert.not.match(output, /\n +at /, told)
        }
      }
    }),

  'that is no trail says that none is there, whatever it wants of it': () =>
    withFleet(null, async (fleet) => {
      const absent = join(await mkdtemp(join(tmpdir(), 'curfew-files-')), 'trail')
      const ids = ['s/x:1:0', '--folder']
      for (const command of [
        ...[['verify'], ['verify', '--key', 'k', '--json'], ['receipt', ...ids]],
        ...[
          ['export', '--out', `${absent}.out`, '--folder'],
          ['export', '--follow', '--folder'],
        ],
      ]) {
        const { code, output } = await curfew(fleet.dir, ['audit', ...command, absent])
        assert.is(code, 1, output)
        assert.match(output, /curfew: NOT_FOUND: /, command.join(' '))
        assert.ok(output.includes(`there is no trail in ${absent}`), output)
      }
    }),

  'takes no option that it does not know, and says so with a code': () =>
    withFleet(null, async (fleet) => {
      for (const line of [
        'users lst',
        'users list --jsn',
        'audit query --limit 0',
        'users erase',
        'audit export --out x --kind Foo',
      ]) {
        const { code, output } = await curfew(fleet.dir, line.split(' '))
        assert.is(code, 1, line)
        assert.match(output, /^curfew: INPUT_INVALID: /, line)
      }
    }),

  'takes no argument that is empty, as of a variable that is not set, and names a bad role': () =>
    withFleet(null, async (fleet) => {
      for (const [line, name] of [
        [['keys', 'remove', ''], 'kid'],
        [['users', 'disable', ''], 'name'],
        [['sessions', 'end', ''], 'sid'],
        [['import', 'django-users', ''], 'file'],
        [['backup', ''], 'folder'],
      ] as const) {
        const { code, output } = await curfew(fleet.dir, line)
        assert.equal([code, output], [1, `curfew: INPUT_INVALID: <${name}> is empty\n`])
      }
      const role = ['users', 'add', 'bob', '--password-stdin', '--role', 'two words']
      const { output } = await curfew(fleet.dir, role, 'correct horse battery')
      assert.match(output, 'INPUT_INVALID: the role "two words" is not 1 to 64 of')
    }),

  'reads no password that nobody can type': () =>
    withFleet(null, async (fleet) => {
      const add = ['users', 'add', 'bob', '--password-stdin']
      const refused = await curfew(fleet.dir, add, 'a\0bcdefghijkl')
      assert.match(refused.output, /INPUT_INVALID: the password has a null character/)
      assert.is(refused.code, 1)
    }),
})
