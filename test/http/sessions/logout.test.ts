import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { copyOf, jarOf, newJar, tokenIn } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import { rawRequest } from '../raw-request.ts'

const openSession = async (world: World) => world.open(await world.addUser())
const token = (jar: Map<string, string>, kind: 'access' | 'refresh'): string =>
  tokenIn(jar, kind) ?? ''
const detailOf = (body: unknown): unknown => (body as { detail?: unknown }).detail

claims('POST /logout', {
  // asvs: 7.4.1, 14.3.1
  'ends the session, deletes both cookies and says where the log has it': () =>
    inWorld({}, async (world) => {
      const jar = await openSession(world)
      const answer = await world.logout(jar)
      assert.equal([answer.status, answer.body], [200, { detail: 'token blacklisted' }])
      assert.is(answer.headers['revocation-status'], 'acknowledged')
      assert.match(String(answer.headers['revocation-position']), /^[0-9a-f]{32}:\d+$/)
      const gone = 'Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; HttpOnly'
      assert.equal(answer.setCookie, [
        `refresh=; ${gone}; SameSite=Strict`,
        `access=; ${gone}; SameSite=Lax`,
      ])
      assert.is(jar.size, 0)
    }),

  'a second logout is 401 and clears the cookies': () =>
    inWorld({}, async (world) => {
      const jar = await openSession(world)
      const again = copyOf(jar)
      await world.logout(jar)
      const answer = await world.logout(again)
      assert.is(answer.status, 401)
      assert.is(again.size, 0)
      assert.is(answer.headers['revocation-status'], undefined)
    }),

  'tokens of two subjects end neither session': () =>
    inWorld({}, async (world) => {
      const [mine, hers] = [await openSession(world), await openSession(world)]
      const mixed = jarOf({ access: token(mine, 'access'), refresh: token(hers, 'refresh') })
      const answer = await world.logout(mixed)
      assert.equal([answer.status, answer.setCookie], [401, []])
      for (const jar of [mine, hers]) {
        assert.is((await world.me(jar)).status, 200)
        assert.is((await world.refresh(jar)).status, 200)
      }
    }),

  'of two sessions of one user, both end when a token of each comes': () =>
    inWorld({}, async (world) => {
      const user = await world.addUser()
      const [phone, laptop] = [await world.open(user), await world.open(user)]
      const refresh = token(laptop, 'refresh')
      assert.is(
        (await world.logout(jarOf({ access: token(phone, 'access'), refresh }))).status,
        200,
      )
      for (const jar of [phone, laptop]) assert.is((await world.me(jar)).status, 401)
    }),

  'needs one token that is good; the answer names what is wrong with the others': () =>
    inWorld({}, async (world) => {
      const jar = await openSession(world)
      const refresh = token(jar, 'refresh')
      const none = 'Authentication credentials were not provided.'
      const notValid = 'Given token not valid for any token type'
      const cases: [Record<string, string>, string][] = [
        [{}, none],
        [{ refresh: 'abc' }, 'Token is invalid'],
        [{ refresh: token(jar, 'access') }, 'Token has wrong type'],
        [{ access: 'abc', refresh: 'abc' }, notValid],
        [{ access: refresh }, notValid],
      ]
      for (const [tokens, detail] of cases) {
        const answer = await world.logout(jarOf(tokens))
        assert.equal([answer.status, detailOf(answer.body), answer.setCookie], [401, detail, []])
        assert.is(answer.headers['www-authenticate'], 'Bearer realm="api"')
      }
      assert.is((await world.me(jar)).status, 200)
    }),

  'takes the access token from Authorization too': () =>
    inWorld({}, async (world) => {
      const jar = await openSession(world)
      const headers = {
        authorization: `Bearer ${token(jar, 'access')}`,
        cookie: `refresh=${token(jar, 'refresh')}`,
      }
      assert.is((await rawRequest(`${world.url}/logout`, { headers })).status, 200)
    }),

  'goes by the refresh token once the access token has expired': async () => {
    const clock = fakeClock()
    await inWorld({ clock, env: { CURFEW_ACCESS_TOKEN_LIFETIME: '2s' } }, async (world) => {
      for (const kept of [['access', 'refresh'], ['refresh']] as const) {
        const jar = await openSession(world)
        await clock.advance(3_000)
        const sent = jarOf(Object.fromEntries(kept.map((kind) => [kind, token(jar, kind)])))
        const answer = await world.logout(sent)
        assert.equal([answer.status, answer.body], [200, { detail: 'token blacklisted' }])
        assert.is(answer.headers['revocation-status'], 'acknowledged')
        assert.is(answer.setCookie.length, 2)
        assert.is((await world.refresh(copyOf(jar))).status, 401)
      }
    })
  },

  'GET is 405 for who is logged in, and 401 for everybody else': () =>
    inWorld({}, async (world) => {
      const jar = await world.open(await world.addUser())
      for (const [who, status] of [
        [newJar(), 401],
        [jar, 405],
      ] as const) {
        assert.is((await world.send('/logout', who, { method: 'GET' })).status, status)
      }
      assert.is((await world.me(jar)).status, 200)
    }),
})
