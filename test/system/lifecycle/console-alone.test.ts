import { readFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type Process, startProcess } from '../../support/processes/processes.ts'
import { findTool } from '../../support/processes/tools.ts'
import { sendHttp } from '../../support/requests/http-send.ts'
import { freePort, run } from '../../support/servers/server-process.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'
import { until } from '../../support/until.ts'
import { followTail } from '../../support/worlds/console-alone.ts'

type Desk = Readonly<{
  heard: readonly string[]
  /** `curfew console` of this gateway, as soon as it listens. */
  start: (env?: Readonly<Record<string, string>>) => Promise<Process & Readonly<{ url: string }>>
  certificate: string
}>

const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
const named = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '2']

/** What says by https that it is a gateway, with a certificate that nobody else knows. */
const besideSecureGateway = (prove: (desk: Desk) => Promise<void>): Promise<void> =>
  inTempFolder('secure', async (dir) => {
    const [key, certificate] = [join(dir, 'key.pem'), join(dir, 'cert.pem')]
    await run('openssl', [...made, ...named, '-keyout', key, '-out', certificate], 20_000)
    const heard: string[] = []
    const answer: RequestListener = ({ url = '' }, response) => {
      heard.push(url)
      if (url === '/audit/tail') {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
      } else response.end(JSON.stringify({ curfew_cookie_name: '__Host-access' }))
    }
    const files = { key: readFileSync(key), cert: readFileSync(certificate) }
    const server = createServer(files, answer)
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
    const gateway = `https://localhost:${(server.address() as AddressInfo).port}`
    const started: Process[] = []
    const start: Desk['start'] = async (env = {}) => {
      const port = await freePort()
      const args = ['services/cli/curfew.mjs', 'console', '--gateway', gateway, '--port', `${port}`]
      const process = startProcess({ name: 'console', args, env })
      started.push(process)
      await until('it listens', async () => process.output().includes('console listens'))
      return { ...process, url: `http://127.0.0.1:${port}` }
    }
    try {
      await prove({ heard, start, certificate })
    } finally {
      await Promise.all(started.map((process) => process.kill9()))
      server.close()
      server.closeAllConnections()
    }
  })

const statusOf = async (url: string): Promise<number> =>
  (await sendHttp(url, { method: 'GET' })).status

if ((await findTool('openssl', 'a console alone of a gateway with https')) !== null) {
  claims('a console alone of a gateway with https', {
    'believes no certificate that it does not know, and says so in words': () =>
      besideSecureGateway(async ({ start, heard }) => {
        const { url, output } = await start()
        await until('it says why', async () => /self-signed certificate/.test(output()))
        assert.equal([await statusOf(`${url}/readyz`), await statusOf(`${url}/me`)], [503, 502])
        assert.equal(heard, [])
      }),

    'goes on with a certificate of one’s own; live events end as a whole when it is told to stop':
      () =>
        besideSecureGateway(async ({ start, certificate, heard }) => {
          const env = { NODE_EXTRA_CA_CERTS: certificate, CURFEW_DRAIN: '0' }
          const alone = await start(env)
          await until('ready', async () => (await statusOf(`${alone.url}/readyz`)) === 200)
          assert.is(await statusOf(`${alone.url}/me`), 200)
          assert.ok(heard.includes('/me'))
          const { seen } = followTail(alone)
          await until('an event came', async () => seen.text !== '')
          assert.equal(await alone.stop(), { code: 0, signal: null })
          await until('the stream ends', async () => seen.end === 'ended')
        }),

    'serves on while it drains, and says so to balancers': () =>
      besideSecureGateway(async ({ start, certificate }) => {
        const { url, signal } = await start({
          NODE_EXTRA_CA_CERTS: certificate,
          CURFEW_DRAIN: '10m',
        })
        await until('ready', async () => (await statusOf(`${url}/readyz`)) === 200)
        signal('SIGTERM')
        await until('it drains', async () => (await statusOf(`${url}/readyz`)) === 503)
        assert.is(await statusOf(`${url}/me`), 200)
      }),
  })
}
