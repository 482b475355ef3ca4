import { setActive } from '../../../services/gateway/accounts/change-account.ts'
import { createUser } from '../../../services/gateway/accounts/create-user.ts'
import { newJar } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import { json, type RawAnswer, rawRequest } from '../raw-request.ts'

const alice = { username: 'alice', password: 'correct horse battery' }
const refused = { detail: 'No active account found with the given credentials' }
const required = 'This field is required.'

const withAlice = (prove: (world: World) => Promise<void>, env = {}): Promise<void> =>
  inWorld({ env }, async (world) => {
    await createUser(world.rooms, { ...alice, roles: ['editor'] })
    await prove(world)
  })

const post = (world: World, body: unknown): Promise<RawAnswer> =>
  rawRequest(`${world.url}/login`, { headers: json, body: JSON.stringify(body) })

/** Attributes of one cookie, as sent: `['Path=/', 'HttpOnly', …]`, its value left out. */
const attributesOf = (answer: RawAnswer, name: string): string[] => {
  const line = answer.setCookie.find((one) => one.startsWith(`${name}=`)) ?? ''
  return line.split('; ').slice(1)
}

claims('POST /login', {
  // asvs: 3.3.4, 10.1.1, 14.3.3
  'answers 200, sets both cookies, and puts no token anywhere else': () =>
    withAlice(async (world) => {
      const answer = await post(world, alice)
      assert.is(answer.status, 200)
      assert.is(answer.text, '{"detail":"login success"}')
      assert.is(answer.setCookie.length, 2)
      const { 'set-cookie': _cookies, ...others } = answer.headers
      for (const text of [answer.text, JSON.stringify(others)]) assert.not.match(text, 'eyJ')
    }),

  'on http loopback, cookies are plain, HttpOnly and same-site': () =>
    withAlice(async (world) => {
      const answer = await post(world, alice)
      const access = ['Max-Age=900', 'Path=/', 'HttpOnly', 'SameSite=Lax']
      const refresh = ['Max-Age=259200', 'Path=/', 'HttpOnly', 'SameSite=Strict']
      const ages = (name: string) => attributesOf(answer, name)
      // Whole seconds of `exp` less the milliseconds that the request took.
      const near = (given: string[]) =>
        given.map((one) => one.replace(/=(899|259199)$/, (_, n) => `=${Number(n) + 1}`))
      assert.equal(near(ages('access')), access)
      assert.equal(near(ages('refresh')), refresh)
    }),

  // asvs: 3.3.1, 3.3.2, 3.3.4
  'behind https, cookies are prefixed and Secure, the refresh cookie goes to the gateway only':
    () =>
      withAlice(
        async (world) => {
          const answer = await rawRequest(`${world.url}/auth/login`, {
            headers: json,
            body: JSON.stringify(alice),
          })
          assert.is(answer.status, 200)
          assert.equal(attributesOf(answer, '__Host-access').slice(1), [
            'Path=/',
            'HttpOnly',
            'SameSite=Lax',
            'Secure',
          ])
          assert.equal(attributesOf(answer, '__Secure-refresh').slice(1), [
            'Path=/auth',
            'HttpOnly',
            'SameSite=Strict',
            'Secure',
          ])
          const jar = newJar()
          assert.is((await world.send('/auth/login', jar, { json: alice })).status, 200)
          assert.is((await world.send('/auth/me', jar, { method: 'GET' })).status, 200)
          assert.is((await world.send('/auth/refresh', jar)).status, 200)
          const out = await world.send('/auth/logout', jar)
          assert.is(out.status, 200)
          assert.equal(jar.size, 0)
        },
        { CURFEW_PUBLIC_URL: 'https://auth.example', CURFEW_BASE_PATH: '/auth' },
      ),

  // asvs: 16.5.1
  'refuses a wrong password, an unknown name and a disabled user in the same words': () =>
    withAlice(async (world) => {
      const user = await world.rooms.accounts.directory.byName('alice')
      const wrong = await post(world, { ...alice, password: 'wrong' })
      const unknown = await post(world, { username: 'nobody', password: alice.password })
      const capitals = await post(world, { ...alice, username: 'ALICE' })
      if (user) await setActive(world.rooms, user.sub, false)
      const disabled = await post(world, alice)
      for (const answer of [wrong, unknown, capitals, disabled]) {
        assert.is(answer.status, 401)
        assert.equal(answer.body, refused)
        assert.is(answer.headers['www-authenticate'], 'Bearer realm="api"')
        assert.equal(answer.setCookie, [])
      }
    }),

  'names every field at fault, in Simple-JWT’s words': () =>
    withAlice(async (world) => {
      const cases: [unknown, Record<string, string[]>][] = [
        [{}, { username: [required], password: [required] }],
        [{ username: 'alice' }, { password: [required] }],
        [{ password: 'x' }, { username: [required] }],
        [{ ...alice, password: '' }, { password: ['This field may not be blank.'] }],
        [{ ...alice, password: null }, { password: ['This field may not be null.'] }],
        [{ ...alice, password: ['x'] }, { password: ['Not a valid string.'] }],
        [{ ...alice, password: { $gt: '' } }, { password: ['Not a valid string.'] }],
        [{ ...alice, username: true }, { username: ['Not a valid string.'] }],
        [{ ...alice, username: 'al\0ice' }, { username: ['Null characters are not allowed.'] }],
      ]
      for (const [body, problems] of cases) {
        const answer = await post(world, body)
        assert.is(answer.status, 400, JSON.stringify(body))
        assert.equal(answer.body, problems)
      }
    }),

  // asvs: 6.2.8
  'a number is a name, and spaces around a name do not count; those of a password do': () =>
    withAlice(async (world) => {
      assert.is((await post(world, { ...alice, username: 7 })).status, 401)
      assert.is((await post(world, { ...alice, username: '  alice ' })).status, 200)
      assert.is((await post(world, { ...alice, password: ` ${alice.password} ` })).status, 401)
    }),

  'bad cookies and headers of before do not get in the way': () =>
    withAlice(async (world) => {
      const headers = { ...json, cookie: 'access=rubbish', authorization: 'Bearer rubbish' }
      const body = JSON.stringify({ ...alice, unknown: 'field' })
      const answer = await rawRequest(`${world.url}/login`, { headers, body })
      assert.is(answer.status, 200)
    }),

  'bodies that are no JSON object are refused': () =>
    withAlice(async (world) => {
      const login = (headers: Record<string, string>, body?: string) =>
        rawRequest(`${world.url}/login`, { headers, ...(body === undefined ? {} : { body }) })
      const broken = await login(json, '{username')
      assert.is(broken.status, 400)
      assert.match(String(broken.body['detail']), /^JSON parse error - /)
      const list = await login(json, '[]')
      assert.equal(
        [list.status, list.body],
        [400, { non_field_errors: ['Invalid data. Expected a dictionary, but got list.'] }],
      )
      const none = await login({})
      assert.equal([none.status, none.body], [400, { username: [required], password: [required] }])
      const text = await login({ 'content-type': 'text/plain' }, JSON.stringify(alice))
      assert.equal(
        [text.status, text.body],
        [415, { detail: 'Unsupported media type "text/plain" in request.' }],
      )
    }),

  'another method is 405, another path 404': () =>
    withAlice(async (world) => {
      const get = await rawRequest(`${world.url}/login`, { method: 'GET' })
      assert.equal([get.status, get.body], [405, { detail: 'Method "GET" not allowed.' }])
      assert.is((await rawRequest(`${world.url}/nothing`, { method: 'GET' })).status, 404)
    }),
})
