import fc from 'fast-check'
import { assert, claims } from '../support/suite.ts'
import { inWorld, type World } from '../support/worlds/gateway-world.ts'
import { form, json, type RawAnswer, rawRequest } from './raw-request.ts'

const login = ({ url }: World, body: string | Buffer, headers: object = json): Promise<RawAnswer> =>
  rawRequest(`${url}/login`, { headers: { ...headers }, body })
const named = (username: string): string => JSON.stringify({ username, password: 'x' })
const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)

claims('bad input', {
  // asvs: 2.2.1
  'a body over the limit is 413, announced or not': () =>
    inWorld({}, async (world) => {
      const large = named('x'.repeat(20_000))
      assert.is((await login(world, large)).status, 413)
      const chunked = await login(world, large, { ...json, 'transfer-encoding': 'chunked' })
      assert.is(chunked.status, 413)
      const asForm = await rawRequest(`${world.url}/introspect`, {
        headers: { ...form, ...world.serviceHeaders },
        body: `token=${'x'.repeat(20_000)}`,
      })
      assert.is(asForm.status, 413)
    }),

  'headers over the limit, or an address, are 431, and the gateway goes on': () =>
    inWorld({}, async ({ url }) => {
      const large = 'x'.repeat(20_000)
      const headers = await rawRequest(`${url}/me`, { method: 'GET', headers: { cookie: large } })
      assert.is(headers.status, 431)
      const address = await rawRequest(`${url}/me?next=${large}`, { method: 'GET' })
      assert.is(address.status, 431)
      assert.is((await rawRequest(`${url}/healthz`, { method: 'GET' })).status, 200)
    }),

  'invalid UTF-8 is 400': () =>
    inWorld({}, async (world) => {
      const body = Buffer.concat([
        Buffer.from('{"username":"'),
        Buffer.from([0xff, 0xfe]),
        Buffer.from('"}'),
      ])
      const answer = await login(world, body)
      const detail = 'JSON parse error - the body is not UTF-8'
      assert.equal([answer.status, answer.body], [400, { detail }])
    }),

  // asvs: 1.5.2
  'deep and strange JSON is 400': () =>
    inWorld({}, async (world) => {
      const bodies = [
        deep(8_000),
        `{"username":${deep(4_000)},"password":"x"}`,
        '{"a":'.repeat(2_000),
        'null',
        '"text"',
        '1e999',
        '{"username":"a","password":1e999999}x',
        '\u0000',
        '{"username":"a",}',
      ]
      for (const body of bodies) {
        assert.is((await login(world, body)).status, 400, body.slice(0, 40))
      }
    }),

  // asvs: 1.5.2, 15.3.6
  'members named after prototypes are members and nothing else': () =>
    inWorld({}, async (world) => {
      const polluted =
        '{"__proto__":{"username":"a","password":"b"},"constructor":{"prototype":{}}}'
      const answer = await login(world, polluted)
      assert.is(answer.status, 400)
      assert.equal(Object.keys(answer.body).sort(), ['password', 'username'])
      assert.is(({} as Record<string, unknown>)['username'], undefined)
    }),

  // asvs: 1.2.4
  'line ends and query operators in a name are a wrong name': () =>
    inWorld({}, async (world) => {
      for (const name of ['a\r\nSet-Cookie: x=1', 'a\u2028b', '{"$gt":""}', "a' OR 1=1", '%00']) {
        const answer = await login(world, named(name))
        assert.equal([answer.status, answer.setCookie], [401, []], name)
      }
    }),

  'a body that claims to be compressed is 415': () =>
    inWorld({}, async (world) => {
      const answer = await login(world, named('a'), { ...json, 'content-encoding': 'gzip' })
      assert.is(answer.status, 415)
    }),

  'no rubbish in cookies, Authorization or paths is ever a 500': () =>
    inWorld({}, async (world) => {
      const latin = fc.string({
        unit: fc.integer({ min: 0x20, max: 0x7e }).map((n) => String.fromCharCode(n)),
        maxLength: 60,
      })
      const path = fc.constantFrom(
        '/me',
        '/refresh',
        '/logout',
        '/login',
        '/introspect',
        '/x',
        '/%2e%2e',
        '/%zz',
      )
      const rubbish = fc.record({
        path,
        cookie: latin,
        authorization: latin,
        method: fc.constantFrom('GET', 'POST', 'PUT', 'HEAD'),
      })
      await fc.assert(
        fc.asyncProperty(rubbish, async ({ path, method, ...headers }) => {
          const token = {
            ...headers,
            cookie: `access=${headers.cookie}; refresh=${headers.cookie}`,
          }
          const { status } = await rawRequest(`${world.url}${path}`, { method, headers: token })
          assert.ok(status >= 200 && status < 500, `${method} ${path}: ${status}`)
        }),
        { numRuns: 200 },
      )
    }),
})
