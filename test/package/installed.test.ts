import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serviceConsumer } from '../support/packages/packed-guard.ts'
import { nodeStrips } from '../support/processes/loaded-scripts.ts'
import { awaitReady, startProcess } from '../support/processes/processes.ts'
import { freePort } from '../support/servers/server-process.ts'
import { assert, claims } from '../support/suite.ts'
import { inTempFolder } from '../support/temp-folder.ts'
import { until } from '../support/until.ts'

const command = join('node_modules', 'curfew', 'services', 'cli', 'curfew.mjs')

/** The sign-in, and the console with its script, to the user whom a first start made. */
const servesPages = async (url: string, printed: string): Promise<void> => {
  const signIn = await fetch(`${url}/sign-in`)
  assert.match(await signIn.text(), '<form')
  const [, password = ''] = /password {2}(\S+)/.exec(printed) ?? []
  const body = JSON.stringify({ username: 'admin', password })
  const headers = { 'content-type': 'application/json' }
  const login = await fetch(`${url}/login`, { method: 'POST', headers, body })
  assert.is(login.status, 200)
  const cookie = login.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
  const page = await fetch(`${url}/console`, { headers: { cookie, accept: 'text/html' } })
  assert.is(page.status, 200)
  const [, script = ''] = /<script[^>]* src="([^"]+)"/.exec(await page.text()) ?? []
  const answer = await fetch(new URL(script, url), { headers: { cookie } })
  assert.match(answer.headers.get('content-type') ?? '', 'text/javascript')
}

claims('the service’s package, installed elsewhere', {
  'runs its command below node_modules, with own settings': () =>
    inTempFolder('installed', async (dir) => {
      const { app } = await serviceConsumer()
      const path = join(app, command)
      const run = (...args: string[]): string =>
        execFileSync(process.execPath, [path, ...args], { cwd: dir, encoding: 'utf8' })
      const keys = JSON.stringify(join(dir, 'keys'))
      const [ending, type] = nodeStrips ? ['ts', ': string'] : ['mjs', '']
      writeFileSync(
        join(dir, `curfew.config.${ending}`),
        `const dir${type} = ${keys}\nexport default { KEYS_DIR: dir, DATA_DIR: dir }\n`,
      )
      assert.match(run('keys', 'make'), /signing\.json/)
      assert.match(run('keys', 'list'), /active/)
    }),

  'says what to install where Node does not run somebody’s own TypeScript': () =>
    inTempFolder('installed', async (dir) => {
      const { app } = await serviceConsumer()
      writeFileSync(
        join(dir, 'curfew.config.ts'),
        'enum Where { d }\nexport default { A: Where.d }',
      )
      const args = [join(app, command), 'keys', 'list']
      const { status, stderr } = spawnSync(process.execPath, args, { cwd: dir, encoding: 'utf8' })
      assert.is(status, 1)
      assert.match(stderr, /CONFIG_INVALID: .*curfew\.config\.ts cannot be loaded.*npm install tsx/)
    }),

  'starts everything, its threads and pages too': () =>
    inTempFolder('installed', async (dir) => {
      const { app } = await serviceConsumer()
      const ports = [String(await freePort()), String(await freePort())]
      const [CURFEW_PORT = '', CURFEW_ORDERS_PORT = ''] = ports
      const env = { CURFEW_DATA_DIR: join(dir, 'data'), CURFEW_PORT, CURFEW_ORDERS_PORT }
      const args = [join(app, command), 'start']
      const started = startProcess({ name: 'start', args, env })
      await awaitReady(
        started,
        ports.map((port) => `http://127.0.0.1:${port}`),
      )
      await until('the first user is printed', () => /password {2}\S/.test(started.output()))
      await servesPages(`http://localhost:${CURFEW_PORT}`, started.output())
      assert.is((await started.stop()).code, 0, started.output())
    }),
})

/** Paths in the tarball, without the folder that all are in. */
const pathsIn = (tarball: Uint8Array): readonly string[] =>
  execFileSync('tar', ['tz'], { input: tarball, encoding: 'utf8' })
    .split('\n')
    .map((line) => line.replace(/^package\//, ''))
    .filter((path) => path !== '')

claims('the service’s tarball', {
  'has what is built, with maps and licences, and of the sources only the sample': async () => {
    const paths = pathsIn((await serviceConsumer()).tarball)
    const built = [
      'services/auditor/thread/run-trail-worker',
      'services/cli/main',
      'shared/adapters/lmdb/writer-thread/run-writer-thread',
      'shared/guard-kafka/kafka-feed-worker',
    ].flatMap((name) => [`dist/${name}.cjs`, `dist/${name}.cjs.map`])
    // What browsers load is named by its hash.
    const inDist = paths
      .filter((path) => path.startsWith('dist/'))
      .map((path) => path.replace(/-[0-9A-Z]{8}\./, '-HASH.'))
    const page = ['dist/console/console-HASH.css', 'dist/console/main-HASH.js']
    assert.equal([...inDist].sort(), ['dist/THIRD-PARTY.txt', ...page, ...built].sort())
    const sources = paths.filter((path) => /\.ts$|^node_modules\//.test(path))
    assert.ok(
      sources.every((path) => path.startsWith('services/orders/')),
      sources.join(),
    )
  },
})
