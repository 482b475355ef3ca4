import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { copyOf, jarOf, newJar, tokenIn } from '../../support/processes/browser.ts'
import type { Answer } from '../../support/requests/http-send.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World, type WorldOptions } from '../../support/worlds/gateway-world.ts'

const said = (token: string | null) =>
  JSON.parse(Buffer.from((token ?? '').split('.')[1] ?? '', 'base64url').toString('utf8')) as {
    jti: string
    iat: number
    exp: number
    user_id: string
  }
const isRefused = (answer: Answer, detail: string): void => {
  assert.is(answer.status, 401)
  assert.equal(answer.body, { detail, code: 'token_not_valid' })
  assert.is(answer.headers['www-authenticate'], 'Bearer realm="api"')
}
const inSession = (
  options: WorldOptions,
  prove: (world: World, jar: Map<string, string>) => Promise<void>,
): Promise<void> =>
  inWorld(options, async (world) => prove(world, await world.open(await world.addUser())))

claims('POST /refresh', {
  'answers two new cookies, and ends the old refresh token': () =>
    inSession({}, async (world, jar) => {
      const before = copyOf(jar)
      const answer = await world.refresh(jar)
      assert.equal([answer.status, answer.body], [200, { detail: 'refresh success' }])
      assert.is(answer.setCookie.length, 2)
      for (const kind of ['access', 'refresh'] as const) {
        assert.is.not(said(tokenIn(jar, kind)).jti, said(tokenIn(before, kind)).jti)
      }
      assert.is((await world.me(jar)).status, 200)
    }),

  'needs no access cookie': () =>
    inSession({}, async (world, jar) => {
      jar.delete('access')
      assert.is((await world.refresh(jar)).status, 200)
      assert.is((await world.me(jar)).status, 200)
    }),

  'missing and malformed tokens are refused': () =>
    inSession({}, async (world, jar) => {
      isRefused(await world.refresh(newJar()), 'Token is invalid')
      const token = tokenIn(jar, 'refresh') ?? ''
      for (const refresh of ['abc', 'a.b.c', `${token.slice(0, -2)}xx`, `${token}.`]) {
        isRefused(await world.refresh(jarOf({ refresh })), 'Token is invalid')
      }
    }),

  'an access token in its place has the wrong type': () =>
    inSession({}, async (world, jar) => {
      const refresh = tokenIn(jar, 'access') ?? ''
      isRefused(await world.refresh(jarOf({ refresh })), 'Token has wrong type')
    }),

  // asvs: 7.3.1
  'an expired token is refused, one second before it is not': async () => {
    const clock = fakeClock()
    const env = { CURFEW_ACCESS_TOKEN_LIFETIME: '5s', CURFEW_REFRESH_TOKEN_LIFETIME: '10s' }
    await inSession({ clock, env }, async (world, jar) => {
      const old = copyOf(jar)
      await clock.advance(9_000)
      assert.is((await world.refresh(jar)).status, 200)
      await clock.advance(2_000)
      isRefused(await world.refresh(old), 'Token is expired')
    })
  },

  'a token of an ended session is blacklisted, and the cookies are cleared': () =>
    inSession({}, async (world, jar) => {
      const old = copyOf(jar)
      await world.logout(jar)
      const answer = await world.refresh(old)
      isRefused(answer, 'Token is blacklisted')
      assert.is(answer.setCookie.length, 2)
      assert.is(old.size, 0)
    }),

  'a refused request that says nothing of the session clears no cookie': () =>
    inSession({}, async (world) => {
      const answer = await world.refresh(jarOf({ refresh: 'abc' }))
      assert.equal(answer.setCookie, [])
    }),

  'within the grace the same token gets the same successor, once it was used a 409': () =>
    inSession({}, async (world, jar) => {
      const old = copyOf(jar)
      const again = copyOf(old)
      await world.refresh(jar)
      assert.is((await world.refresh(again)).status, 200)
      assert.is(said(tokenIn(again, 'refresh')).jti, said(tokenIn(jar, 'refresh')).jti)
      await world.refresh(jar)
      const late = await world.refresh(old)
      const body = { detail: 'Token is superseded', code: 'superseded' }
      assert.equal([late.status, late.body, late.setCookie], [409, body, []])
      assert.is((await world.me(jar)).status, 200)
    }),

  'claims of the login travel on': () =>
    inSession({}, async (world, jar) => {
      const { user_id } = said(tokenIn(jar, 'access'))
      await world.refresh(jar)
      assert.is(said(tokenIn(jar, 'access')).user_id, user_id)
      assert.is(said(tokenIn(jar, 'refresh')).user_id, user_id)
    }),
})

claims('POST /refresh, other settings', {
  'with rotation off only the access cookie changes, and the refresh token stays good': () =>
    inSession({ env: { CURFEW_ROTATE_REFRESH_TOKENS: 'false' } }, async (world, jar) => {
      const before = copyOf(jar)
      for (const _ of [1, 2, 3]) {
        const answer = await world.refresh(jar)
        assert.equal([answer.status, answer.setCookie.length], [200, 1])
        assert.match(answer.setCookie[0] ?? '', /^access=/)
      }
      assert.is(tokenIn(jar, 'refresh'), tokenIn(before, 'refresh'))
      assert.is.not(tokenIn(jar, 'access'), tokenIn(before, 'access'))
    }),

  'with blacklisting after rotation off, the old refresh token stays good': () =>
    inSession({ env: { CURFEW_BLACKLIST_AFTER_ROTATION: 'false' } }, async (world, jar) => {
      const old = copyOf(jar)
      const pairs: string[] = []
      for (const _ of [1, 2, 3]) {
        const again = copyOf(old)
        const answer = await world.refresh(again)
        assert.equal([answer.status, answer.setCookie.length], [200, 2])
        pairs.push(said(tokenIn(again, 'refresh')).jti)
      }
      assert.is(new Set(pairs).size, 3)
      await world.logout(copyOf(old))
      isRefused(await world.refresh(old), 'Token is blacklisted')
    }),

  // asvs: 10.4.5
  'without a grace the second use of a token ends the session': () =>
    inSession({ env: { CURFEW_REFRESH_GRACE_PERIOD: '0' } }, async (world, jar) => {
      const old = copyOf(jar)
      await world.refresh(jar)
      const reuse = await world.refresh(old)
      isRefused(reuse, 'Token is blacklisted')
      isRefused(await world.refresh(copyOf(jar)), 'Token is blacklisted')
      assert.is((await world.me(jar)).status, 401)
    }),
})
