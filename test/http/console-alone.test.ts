import { request } from 'node:http'
import { consoleFiles } from '../../services/console/serving/console-files.ts'
import { cookieHeader } from '../support/processes/browser.ts'
import { heardLines } from '../support/processes/heard-lines.ts'
import { sendHttp } from '../support/requests/http-send.ts'
import { assert, claims } from '../support/suite.ts'
import { type ConsoleAlone, startConsoleAlone } from '../support/worlds/console-alone.ts'
import { inWorld, type World } from '../support/worlds/gateway-world.ts'

type Headers = Readonly<Record<string, string>>
const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

const get = ({ url }: Readonly<{ url: string }>, path: string, headers: Headers = {}) =>
  sendHttp(`${url}${path}`, { method: 'GET', headers })

/** A console alone of a gateway, and that gateway. */
const beside = (
  env: Headers,
  prove: (world: World, alone: ConsoleAlone) => Promise<void>,
): Promise<void> =>
  inWorld({ env: { CURFEW_PROXY_HOPS: '1', ...env } }, async (world) => {
    const alone = await startConsoleAlone(`${world.url}${env['CURFEW_BASE_PATH'] ?? ''}`)
    try {
      await prove(world, alone)
    } finally {
      await alone.close()
    }
  })

const administrator = async (world: World): Promise<Headers> => {
  const user = await world.addUser()
  await world.state.directory.change(user.sub, { roles: ['admin'] })
  return cookieHeader(await world.open(user))
}

claims('a console alone', {
  'answers as the console of the gateway does: page, headers, files, strangers, base path': () =>
    beside({ CURFEW_BASE_PATH: '/auth' }, async (world, alone) => {
      const { script } = await consoleFiles()
      const cookies = await administrator(world)
      const other = cookieHeader(await world.open(await world.addUser()))
      const paths = ['/auth/console', '/auth/console/a?b=c', `/auth/console/assets/${script.name}`]
      for (const headers of [{}, cookies, other, { cookie: 'access=a.b.c' }]) {
        for (const path of [...paths, '/auth/console/assets/x.js']) {
          const [here, there] = [await get(alone, path, headers), await get(world, path, headers)]
          assert.is(here.status, there.status, path)
          assert.is(here.body, there.body, path)
          const { date: _, 'x-request-id': __, ...wanted } = there.headers
          const { date: ___, ...given } = here.headers
          assert.equal(given, wanted, path)
        }
      }
      for (const path of ['/', '/auth', '/auth/']) {
        assert.is((await get(alone, path, html)).headers.location, '/auth/console')
      }
      assert.is((await get(alone, '/console', cookies)).status, 404)
    }),

  'signs in by the gateway’s form, and leads back to its own address': () =>
    beside({}, async (world, alone) => {
      const user = await world.addUser()
      const form = { username: user.username, password: 'wrong', return_to: '/console/events' }
      const headers = { ...html, origin: alone.url, 'sec-fetch-site': 'same-origin' }
      const sent = await sendHttp(`${alone.url}/sign-in`, { method: 'POST', form, headers })
      assert.is(sent.status, 401)
      assert.match(String(sent.body), 'value="/console/events"')
      const cookies = await administrator(world)
      const led = await get(alone, '/sign-in?return_to=/console/events', { ...html, ...cookies })
      assert.is(led.headers.location, '/console/events')
    }),

  'renews by the way a session whose access token ran out': () =>
    beside({}, async (world, alone) => {
      const user = await world.addUser()
      await world.state.directory.change(user.sub, { roles: ['admin'] })
      const jar = await world.open(user)
      const headers = { cookie: `refresh=${jar.get('refresh')}` }
      const { status, body, setCookie } = await get(alone, '/console', headers)
      assert.is(status, 200)
      assert.match(String(body), 'data-may="act"')
      assert.ok(setCookie.some((line) => line.startsWith('access=')))
    }),

  'leaves the check of origins to the gateway, and tells it the address that asks': () =>
    beside({}, async (world, alone) => {
      const cookies = await administrator(world)
      const revoke = (headers: Headers) =>
        sendHttp(`${alone.url}/revocations?preview=true`, {
          ...{ method: 'POST', json: { scope: 'all' } },
          headers: { ...cookies, ...headers },
        })
      const foreign = await revoke({
        origin: 'https://evil.example',
        'sec-fetch-site': 'cross-site',
      })
      assert.is((foreign.body as { code: string }).code, 'origin_refused')
      const plain = await revoke({ origin: 'http://console.example' })
      assert.match(JSON.stringify(plain.body), 'console.example. CURFEW_TRUSTED_ORIGINS names')
      assert.is((await revoke({ origin: alone.url, 'sec-fetch-site': 'same-origin' })).status, 200)
    }),

  'tells the gateway the address that asks, not the one that is claimed': async () => {
    const { lines, logger } = heardLines()
    const env = { CURFEW_PROXY_HOPS: '1' }
    await inWorld({ env, logger }, async (world) => {
      const alone = await startConsoleAlone(world.url)
      try {
        const { hostname, port } = new URL(alone.url)
        const headers = {
          'content-type': 'application/x-www-form-urlencoded',
          'x-forwarded-for': '203.0.113.99',
        }
        await new Promise<void>((resolve, reject) => {
          const at = { hostname, port, path: '/sign-in', localAddress: '127.0.0.2' }
          request({ ...at, method: 'POST', headers, agent: false }, (answer) => {
            answer.resume().on('end', resolve)
          })
            .on('error', reject)
            .end('username=nobody&password=wrong')
        })
      } finally {
        await alone.close()
      }
    })
    const addresses = lines.flatMap(({ fields }) => fields['address'] ?? [])
    assert.equal([...new Set(addresses)], ['127.0.0.2'])
  },
})
