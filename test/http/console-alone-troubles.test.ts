import { request } from 'node:http'
import fc from 'fast-check'
import { sendHttp } from '../support/requests/http-send.ts'
import { assert, claims } from '../support/suite.ts'
import { until } from '../support/until.ts'
import { followTail, startConsoleAlone, withStub } from '../support/worlds/console-alone.ts'

type Headers = Readonly<Record<string, string>>
const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

const get = ({ url }: Readonly<{ url: string }>, path: string, headers: Headers = {}) =>
  sendHttp(`${url}${path}`, { method: 'GET', headers })

claims('what a console alone says where something is wrong', {
  'a gateway that is gone is told in words, with a code, to people and to programs': () =>
    withStub(
      (_request, response) => response.end('{}'),
      async (stub, alone) => {
        assert.is((await get(alone, '/me')).status, 200)
        await stub.close()
        const json = await get(alone, '/me')
        assert.is(json.status, 502)
        assert.is((json.body as { code: string }).code, 'gateway_unreached')
        assert.is(json.headers['retry-after'], '1')
        const page = await get(alone, '/console', html)
        assert.is(page.status, 502)
        assert.match(String(page.body), /<h1>The gateway does not answer.*gateway_unreached/s)
        const write = await sendHttp(`${alone.url}/revocations`, { method: 'POST', json: {} })
        assert.match(JSON.stringify(write.body), 'Whether it did what was asked is not known')
        assert.is(write.headers['retry-after'], undefined)
        const form = { method: 'POST', headers: html } as const
        const told = String((await sendHttp(`${alone.url}/revocations`, form)).body)
        assert.match(told, 'look before you ask again')
        assert.not.match(told, 'Try again')
      },
    ),

  'one that breaks off while it says who looks is told with a code too': () =>
    withStub(
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
        response.write('{"username":', () => response.destroy())
      },
      async (_stub, alone) => {
        const { status, body } = await get(alone, '/console', { accept: 'application/json' })
        assert.equal([status, (body as { code: string }).code], [502, 'gateway_unreached'])
      },
    ),

  'who looks is asked for uncompressed, since it is read here': () => {
    const asked: (string | undefined)[] = []
    return withStub(
      ({ headers }, response) => {
        asked.push(headers['accept-encoding'])
        response.end('{"username":"alice","may":"act"}')
      },
      async (_stub, alone) => {
        const headers = { accept: 'application/json', 'accept-encoding': 'gzip' }
        assert.is((await get(alone, '/console', headers)).status, 200)
        assert.is((await get(alone, '/me', headers)).status, 200)
        assert.equal(asked.slice(-2), [undefined, 'gzip'])
      },
    )
  },

  'a silent one is not waited for, and a stream that falls silent is broken off': () =>
    withStub(
      ({ url }, response) => {
        if (url === '/audit/tail') response.writeHead(200, { 'content-type': 'text/event-stream' })
        if (url === '/audit/tail') response.write('data: 1\n\n')
      },
      async (_stub, alone) => {
        const late = await get(alone, '/me')
        assert.equal([late.status, (late.body as { code: string }).code], [504, 'gateway_timeout'])
        const { seen } = followTail(alone)
        await until('it is broken off', async () => seen.end === 'broken off')
        assert.is(seen.text, 'data: 1\n\n')
      },
      { silenceMs: 300 },
    ),

  'what is no gateway gets no request at all': async () => {
    const heard: string[] = []
    const answers = async (url: string, path: string) => {
      const alone = await startConsoleAlone(url)
      try {
        alone.watch.follow()
        const { status, body } = await get(alone, path, { cookie: 'access=secret' })
        assert.equal([status, (body as { code: string }).code], [502, 'gateway_unreached'])
        const state = alone.watch.health()
        assert.is(state.standing, 'unready')
        return state.state
      } finally {
        await alone.close()
      }
    }
    await withStub(
      ({ url, headers }, response) => {
        heard.push(`${url} ${headers.cookie}`)
        response.writeHead(404).end('Not here')
      },
      async (stub, other) => {
        // A base path that the stub does not have, and a console in place of a gateway.
        assert.match(await answers(other.url, '/me'), 'is no gateway')
        assert.match(await answers(`${other.url}/console`, '/console/me'), 'is no gateway')
        await stub.close()
        assert.match(await answers(stub.url, '/console'), 'does not answer')
        assert.equal(
          heard.filter((line) => line.includes('secret')),
          [],
        )
      },
    )
  },

  'cookies that a browser would drop are not given to it': () =>
    withStub(
      (_request, response) => response.end('{}'),
      async (stub, alone) => {
        const signIn = (origin: string) =>
          sendHttp(`${alone.url}/sign-in`, {
            ...{ method: 'POST', form: { username: 'a', password: 'b' } },
            headers: { ...html, origin },
          })
        const refused = await signIn('http://console.example')
        assert.is(refused.status, 403)
        assert.match(String(refused.body), /Open it by https.*console_insecure/s)
        assert.equal(stub.heard, [])
        assert.is((await signIn('https://console.example')).status, 200)
        assert.is((await signIn('http://localhost:3005')).status, 200)
      },
      { cookieName: '__Host-access' },
    ),

  'a body that is too large does not travel, and one that is not whole neither': () =>
    withStub(
      (_request, response) => response.end('{}'),
      async (stub, alone) => {
        const json = { password: 'x'.repeat(65_536) }
        const large = await sendHttp(`${alone.url}/step-up`, { method: 'POST', json })
        assert.equal([large.status, (large.body as { code: string }).code], [413, 'body_too_large'])
        const half = request(`${alone.url}/step-up`, {
          ...{ method: 'POST', agent: false },
          headers: { 'content-length': '100' },
        })
        half.on('error', () => {}).write('{', () => half.destroy())
        await until('it is gone', async () => half.destroyed)
        assert.equal(stub.heard, [])
      },
    ),

  'whatever is asked, the gateway hears what is on the list': () =>
    withStub(
      (_request, response) => response.end('{}'),
      async (stub, alone) => {
        const word = fc.constantFrom('me', 'users', 'x', '..', 'login', 'introspect', '%2e%2e', '')
        const path = fc
          .array(word, { minLength: 1, maxLength: 4 })
          .map((all) => `/${all.join('/')}`)
        const method = fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE', 'PUT', 'OPTIONS')
        await fc.assert(
          fc.asyncProperty(method, path, async (asked, at) => {
            await new Promise<void>((resolve, reject) => {
              const { hostname, port } = new URL(alone.url)
              const sent = request({ method: asked, path: at, hostname, port }, (answer) => {
                answer.resume().on('end', resolve)
              })
              sent.on('error', reject).end()
            })
          }),
          {
            numRuns: 300,
            examples: [
              ['GET', '/me'],
              ['GET', '/users'],
            ],
          },
        )
        const heard = [...new Set(stub.heard)].sort()
        const allowed =
          /^(GET \/(me|users|users\/(me|users|x|login|introspect))|PATCH \/users\/\w+)$/
        assert.equal(
          heard.filter((line) => !allowed.test(line) && line !== 'GET /console'),
          [],
        )
        assert.ok(heard.includes('GET /me') && heard.includes('GET /users'), heard.join())
      },
    ),
})
