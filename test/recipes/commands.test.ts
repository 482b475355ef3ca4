import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { createUser } from '../../services/gateway/accounts/create-user.ts'
import { namedBlock } from '../support/documents/code-blocks.ts'
import { newJar } from '../support/processes/browser.ts'
import { startTyped } from '../support/processes/typed-start.ts'
import { sendHttp } from '../support/requests/http-send.ts'
import { makeClone, printedBy, type Shell } from '../support/requests/page-shell.ts'
import { freePort } from '../support/servers/server-process.ts'
import { assert, claims } from '../support/suite.ts'
import { inTempFolder } from '../support/temp-folder.ts'
import { inWorld, type World } from '../support/worlds/gateway-world.ts'
import { commandsOf } from '../support/worlds/recipe-service.ts'
import { lmdbBackingIn } from '../support/worlds/world-backing.ts'

const password = 'correct horse battery'

/** Somebody who sits in a fresh clone and types. */
const inClone = (work: (shell: Shell) => Promise<void>): Promise<void> =>
  inTempFolder('page', async (dir) => {
    makeClone(dir)
    await work({ dir, env: { PASSWORD: password } })
  })

/** A gateway on the clone's data. */
const besideGateway = ({ dir }: Shell, prove: (world: World) => Promise<void>): Promise<void> => {
  const data = join(dir, 'data')
  mkdirSync(data, { recursive: true, mode: 0o700 })
  return inWorld({ backing: lmdbBackingIn(data) }, prove)
}

const statusOf = async (world: World, username: string): Promise<number> =>
  (await world.login(newJar(), username, password)).status

const hash = 'pbkdf2_sha256$1000$abcdefgh$5S0TBJbUZf7nD0Oq8yJmFQ7sB1m7yqU2mQq0m0m0m0k='
const djangoUser = { model: 'auth.user', pk: 7, fields: { username: 'ann', password: hash } }

claims('commands on accounts, as the pages print them', {
  'README: a user by standard input, an import, and the help, by npx itself': () =>
    inClone(async (shell) => {
      rmSync(join(shell.dir, 'bin'), { recursive: true })
      writeFileSync(join(shell.dir, 'users.json'), JSON.stringify([djangoUser]))
      const printed = await printedBy(shell, namedBlock('README.md', 'users'))
      assert.match(printed, 'Usage: curfew')
      await besideGateway(shell, async (world) => {
        assert.is(await statusOf(world, 'alice'), 200)
        const users = await world.state.directory.list(null, 10)
        const names = users.map(({ username, roles }) => [username, ...roles].join())
        assert.equal(names, ['alice,admin', 'ann'])
      })
    }),

  'docs/accounts.md: added, listed, disabled, another password, other roles, deleted': () =>
    inClone(async (shell) => {
      const lines = commandsOf('docs/accounts.md', 'users')
      await besideGateway(shell, async (world) => {
        const said: string[] = []
        const states: string[] = []
        for (const line of lines) {
          said.push(await printedBy(shell, line))
          const roles = (await world.state.directory.byName('alice'))?.roles
          states.push(`${await statusOf(world, 'alice')} ${roles}`)
        }
        assert.equal(states, [
          '200 editor',
          '200 editor',
          '401 editor',
          '401 editor',
          '401 admin',
          '401 undefined',
        ])
        assert.match(said[1] ?? '', /^NAME\t.*\nalice\t.*editor/)
      })
    }),
})

claims('commands on sessions and keys, as the pages print them', {
  'docs/operations.md: after a restore, everybody’s sessions end': () =>
    inClone((shell) =>
      besideGateway(shell, async (world) => {
        const jar = await world.open(await world.addUser())
        assert.is((await world.me(jar)).status, 200)
        await printedBy(shell, namedBlock('docs/operations.md', 'restore'))
        assert.is((await world.me(jar)).status, 401)
      }),
    ),

  'docs/sessions.md: listed, shown, ended; guards are listed': () =>
    inClone((shell) =>
      besideGateway(shell, async (world) => {
        await createUser(world.rooms, { username: 'alice', password, roles: [] })
        const jar = newJar()
        await world.login(jar, 'alice', password)
        const me = await world.me(jar)
        const sid = String((me.body as Record<string, unknown>)['sid'])
        const typed = { ...shell, env: { ...shell.env, SID: sid } }
        const printed = await printedBy(typed, namedBlock('docs/sessions.md', 'commands'))
        assert.is(printed.split(sid).length, 6, printed)
        assert.match(printed, /^NAME\tCLIENT\tINSTANCE/m)
        assert.is((await world.me(jar)).status, 401)
      }),
    ),

  'docs/operations.md: keys are made, listed, rotated ten minutes apart, and removed': () =>
    inClone(async (shell) => {
      const keys = join(shell.dir, 'data', 'keys')
      const later = (): void => {
        const at = statSync(keys).mtimeMs / 1_000 - 600
        for (const name of readdirSync(keys)) utimesSync(join(keys, name), at, at)
      }
      const ring = (name: string): string => readFileSync(join(keys, `${name}.json`), 'utf8')
      const [make = '', list = '', ...changes] = commandsOf('docs/operations.md', 'keys')
      await printedBy(shell, make)
      const listed = await printedBy(shell, list)
      const kid = /^signing\tactive\t\S+\t(\S+)/m.exec(listed)?.[1] ?? ''
      assert.ok(kid !== '' && /^set\tactive\tRS256/m.test(listed), listed)
      const changed: string[] = []
      for (const line of changes) {
        later()
        const before = ['signing', 'refresh', 'set'].map(ring)
        await printedBy({ ...shell, env: { ...shell.env, KID: kid } }, line)
        const now = ['signing', 'refresh', 'set'].map(ring)
        changed.push(now.map((text, index) => (text === before[index] ? '-' : 'x')).join(''))
      }
      assert.equal(changed, ['x--', '-x-', '--x', 'x--', 'x--'])
      assert.is(ring('signing').includes(kid), false)
    }),

  'docs/browsers.md: a start that trusts a page on another port': () =>
    inClone(async (shell) => {
      const port = String(await freePort())
      const env = { CURFEW_PORT: port, CURFEW_ORDERS_PORT: String(await freePort()) }
      const url = `http://localhost:${port}`
      const isReady = () =>
        fetch(`${url}/readyz`).then(
          ({ ok }) => ok,
          () => false,
        )
      const block = namedBlock('docs/browsers.md', 'start')
      const running = await startTyped({ ...shell, env }, block, isReady)
      try {
        const allowed = async (origin: string) =>
          (await sendHttp(`${url}/me`, { method: 'GET', headers: { origin } })).headers[
            'access-control-allow-origin'
          ]
        assert.is(await allowed('http://localhost:5173'), 'http://localhost:5173')
        assert.is(await allowed('http://localhost:5174'), undefined)
      } finally {
        await running.close()
      }
    }),
})
