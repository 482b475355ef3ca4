import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { readEmbeddedConfig } from '../../../services/embedded/config.ts'
import { shownAddresses } from '../../../services/embedded/print-start.ts'
import { projectRoot } from '../../support/project-files.ts'
import { sendHttp } from '../../support/requests/http-send.ts'
import { printedBy } from '../../support/requests/page-shell.ts'
import { freePort } from '../../support/servers/server-process.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'
import { until } from '../../support/until.ts'
import { commandsOf } from '../../support/worlds/recipe-service.ts'

type Started = Readonly<{ npm: ChildProcess; said: () => string; ports: readonly number[] }>

const [install = '', start = ''] = commandsOf('README.md', 'start')

/** What README.md has before the start: the lock file fits, for this machine too. */
const installsFrom = async (dir: string): Promise<string> => {
  // Never where node_modules are: `npm ci` removes them first.
  for (const name of ['package.json', 'package-lock.json', '.npmrc']) {
    await copyFile(join(projectRoot, name), join(dir, name))
  }
  return printedBy(
    { dir, env: { npm_config_dry_run: 'true', npm_config_offline: 'true' } },
    install,
  )
}

const startByNpm = async (dir: string): Promise<Started> => {
  const ports = [await freePort(), await freePort(), await freePort()]
  const [gateway, orders, metrics] = ports.map(String)
  const npm = spawn('sh', ['-c', `exec ${start}`], {
    cwd: projectRoot,
    env: {
      ...process.env,
      CURFEW_DATA_DIR: join(dir, 'data'),
      CURFEW_PORT: gateway,
      CURFEW_ORDERS_PORT: orders,
      CURFEW_METRICS_PORT: metrics,
      CURFEW_LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
    // A group of its own, so that nothing of it outlives this test.
    detached: true,
  })
  let text = ''
  npm.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8')
  })
  return { npm, said: () => text, ports }
}

const isTaken = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' })
    socket.once('connect', () => resolve(socket.destroy() === socket))
    socket.once('error', () => resolve(false))
  })

const killGroup = ({ pid }: ChildProcess): void => {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // It is gone, as it should be.
  }
}

claims('README.md, “Run it”, as it is typed', {
  'installs what the lock file has': () =>
    inTempFolder('npm-ci', async (dir) => {
      assert.match(await installsFrom(dir), /^added \d{3} packages/m)
    }),
  'prints what it listens on, shows its guard, and ends with its child on SIGTERM': () =>
    inTempFolder('npm-start', async (dir) => {
      const { npm, said, ports } = await startByNpm(dir)
      const exited = once(npm, 'exit')
      try {
        await until('it is ready', () => said().includes('First start'))
        const [gateway, orders, metrics] = ports
        assert.match(said(), `  gateway  http://localhost:${gateway}\n`)
        assert.match(said(), `  orders   http://localhost:${orders}/orders\n`)
        assert.match(said(), `  metrics  http://localhost:${metrics}/metrics\n`)
        assert.not.match(said(), '127.0.0.1')
        await until('its guard reports', async () => {
          const { body } = await sendHttp(`http://localhost:${metrics}/metrics`, { method: 'GET' })
          return /curfew_attached_guard_ready\{guard="orders",/.test(String(body))
        })
        npm.kill('SIGTERM')
        await exited
        await until('nobody listens', async () => {
          const taken = await Promise.all(ports.map(isTaken))
          return !taken.includes(true)
        })
      } finally {
        killGroup(npm)
      }
    }),
})

const shown = (env: Record<string, string>, host: string) => {
  const config = readEmbeddedConfig({ CURFEW_PORT: '3000', ...env })
  const url = (port: number) => `http://${host}:${port}`
  const running = { gatewayUrl: url(3000), orders: [{ url: url(3001) }], metricsUrl: url(9464) }
  return shownAddresses(config, running)
}

claims('the addresses that a start prints', {
  'have one spelling of this machine, that of the public address': () => {
    assert.is(shown({}, '127.0.0.1').gateway, 'http://localhost:3000')
    const numbers = shown({ CURFEW_PUBLIC_URL: 'http://127.0.0.1:3000' }, '127.0.0.1')
    assert.equal(numbers.lines.match(/http:\S+/g), [
      'http://127.0.0.1:3000',
      'http://127.0.0.1:3001/orders',
      'http://127.0.0.1:9464/metrics',
    ])
  },

  'are those that were set, with the base path, and say where they are everybody’s': () => {
    const { gateway, orders } = shown({ CURFEW_BASE_PATH: '/auth' }, '192.0.2.1')
    assert.equal([gateway, orders], ['http://192.0.2.1:3000/auth', 'http://192.0.2.1:3001'])
    const { lines } = shown({ CURFEW_HOST: '0.0.0.0' }, '127.0.0.1')
    assert.match(
      lines,
      'gateway  http://localhost:3000, on every address of this machine (0.0.0.0)',
    )
    assert.match(lines, /metrics {2}http:\/\/localhost:9464\/metrics$/)
  },
})
