import { createUser } from '../../../services/gateway/accounts/create-user.ts'
import { isSliding } from '../../../shared/events/commit.ts'
import { sessionId, sessionStream } from '../../../shared/kernel/ids.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { type Jar, newJar, tokenIn } from '../../support/processes/browser.ts'
import type { Answer } from '../../support/requests/http-send.ts'
import { payloadOf } from '../../support/requests/visitor.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World, type WorldOptions } from '../../support/worlds/gateway-world.ts'

const password = 'correct horse'
const both = { CURFEW_AUTH_TOKEN_CLASSES: 'access,sliding' }
type Said = ReturnType<typeof payloadOf> & Readonly<{ exp: number; refresh_exp: number }>
const said = (token: string): Said => payloadOf(token) as Said

const post = (world: World, path: string, json: unknown, jar: Jar = newJar()): Promise<Answer> =>
  world.send(path, jar, { json })
const tokenOf = ({ body }: Answer): string => (body as { token: string }).token
const renew = (world: World, token: string): Promise<Answer> =>
  post(world, '/api/token/sliding/refresh/', { token })
const me = (world: World, token: string): Promise<Answer> =>
  world.send('/me', newJar(), { method: 'GET', headers: { authorization: `Bearer ${token}` } })
const isRefused = ({ status, body }: Answer, detail: string): void =>
  assert.equal([status, body], [401, { detail, code: 'token_not_valid' }])

/** A world with a user `alice` and one sliding token of hers. */
const inSliding = (
  options: WorldOptions,
  prove: (world: World, token: string) => Promise<void>,
): Promise<void> =>
  inWorld(options, async (world) => {
    await createUser(world.rooms, { username: 'alice', password, roles: ['admin'] })
    const answer = await post(world, '/api/token/sliding/', { username: 'alice', password })
    assert.equal([answer.status, answer.setCookie], [200, []])
    await prove(world, tokenOf(answer))
  })

/** The same in cookie mode: a jar that holds the token. */
const inJar = (
  options: WorldOptions,
  prove: (world: World, jar: Jar) => Promise<void>,
): Promise<void> =>
  inSliding(options, async (world) => {
    const jar = newJar()
    const answer = await post(world, '/sliding/login', { username: 'alice', password }, jar)
    assert.equal([answer.status, answer.body], [200, { detail: 'login success' }])
    await prove(world, jar)
  })

claims('sliding tokens in body mode', {
  'a renewal keeps jti, refresh_exp and what the login told; the old token goes on working':
    async () => {
      const clock = fakeClock()
      await inSliding({ clock, env: both }, async (world, token) => {
        await clock.advance(60_000)
        const answer = await renew(world, token)
        assert.is(answer.status, 200)
        const [before, after] = [said(token), said(tokenOf(answer))]
        assert.equal([after.jti, after.refresh_exp], [before.jti, before.refresh_exp])
        assert.is(after.exp, before.exp + 60)
        for (const good of [token, tokenOf(answer)]) {
          const { status, body } = await me(world, good)
          assert.equal([status, (body as { roles: string[] }).roles], [200, ['admin']])
        }
        assert.is((await renew(world, token)).status, 200)
      })
    },

  'past exp it is expired; past refresh_exp it can still be used, not renewed': async () => {
    for (const leeway of [0, 30]) {
      const clock = fakeClock()
      const env = {
        ...both,
        CURFEW_LEEWAY: `${leeway}s`,
        CURFEW_SLIDING_TOKEN_LIFETIME: '5m',
        CURFEW_SLIDING_TOKEN_REFRESH_LIFETIME: '8m',
      }
      await inSliding({ clock, env }, async (world, token) => {
        await clock.advance(240_000)
        const second = tokenOf(await renew(world, token))
        await clock.advance(60_000 + leeway * 1_000 - 1)
        assert.is((await me(world, token)).status, 200)
        await clock.advance(1)
        isRefused(await renew(world, token), 'Token is expired')
        await clock.advance(180_000 - 1)
        assert.is((await renew(world, second)).status, 200)
        await clock.advance(1)
        isRefused(await renew(world, second), "Token 'refresh_exp' claim has expired")
        assert.is((await me(world, second)).status, 200)
      })
    }
  },

  'tokens of other kinds, rubbish and missing fields are answered as Simple-JWT does': () =>
    inSliding({}, async (world, token) => {
      const jar = await world.open(await world.addUser())
      for (const kind of ['access', 'refresh'] as const) {
        isRefused(await renew(world, tokenIn(jar, kind) ?? ''), 'Token has wrong type')
      }
      isRefused(await renew(world, 'abc'), 'Token is invalid')
      const missing = await post(world, '/api/token/sliding/refresh/', {})
      assert.equal([missing.status, missing.body], [400, { token: ['This field is required.'] }])
      for (const path of ['refresh', 'blacklist']) {
        isRefused(
          await post(world, `/api/token/${path}/`, { refresh: token }),
          'Token has wrong type',
        )
      }
      assert.equal((await post(world, '/api/token/verify/', { token })).body, {})
    }),

  'it authenticates only where the settings say so': () =>
    inSliding({}, async (world, token) => {
      const answer = await me(world, token)
      assert.is(answer.status, 401)
      assert.equal((answer.body as { messages: unknown }).messages, [
        { token_class: 'AccessToken', token_type: 'access', message: 'Token has wrong type' },
      ])
    }),

  'naming it at /revocations ends its session, with every renewal': () =>
    inSliding({ env: both }, async (world, token) => {
      const answer = await world.send('/revocations', newJar(), {
        json: { scope: 'token', id: token },
        headers: world.serviceHeaders,
      })
      assert.is(answer.status, 200)
      assert.is((await me(world, token)).status, 401)
      isRefused(await renew(world, token), 'Token is blacklisted')
      const verified = await post(world, '/api/token/verify/', { token })
      const blacklisted = { non_field_errors: ['Token is blacklisted'] }
      assert.equal([verified.status, verified.body], [400, blacklisted])
    }),

  '50 renewals at once all succeed, and leave one state': () =>
    inSliding({ gateways: 2 }, async (world, token) => {
      const answers = await Promise.all(Array.from({ length: 50 }, () => renew(world, token)))
      assert.equal([...new Set(answers.map(({ status }) => status))], [200])
      const [newest = null] = await world.state.store.heads([
        sessionStream(sessionId(said(token).sid)),
      ])
      const session = newest?.session
      const exp = session && isSliding(session) ? session.sliding.token.exp : 0
      assert.ok(answers.every((answer) => said(tokenOf(answer)).exp <= exp))
    }),
})

claims('sliding tokens in cookie mode', {
  'the token travels in the access cookie; a refresh cookie of before is cleared': () =>
    inSliding({ env: both }, async (world) => {
      const jar = await world.open(await world.addUser())
      const answer = await post(world, '/sliding/login', { username: 'alice', password }, jar)
      assert.is(answer.status, 200)
      assert.equal([...jar.keys()], ['access'])
      assert.is((await world.me(jar)).status, 200)
    }),

  'it is renewed from the cookie, and a body is not looked at': async () => {
    const clock = fakeClock()
    await inJar({ clock }, async (world, jar) => {
      const before = tokenIn(jar, 'access') ?? ''
      await clock.advance(10_000)
      assert.equal((await world.send('/sliding/refresh', jar)).body, { detail: 'refresh success' })
      assert.is(said(tokenIn(jar, 'access') ?? '').exp, said(before).exp + 10)
      isRefused(
        await post(world, '/sliding/refresh', { token: before }, newJar()),
        'Token is invalid',
      )
    })
  },

  'logout ends it, whatever authenticates here; then the cookie is cleared': () =>
    inJar({}, async (world, jar) => {
      const stolen = new Map(jar)
      const answer = await world.logout(jar)
      assert.equal([answer.status, answer.body], [200, { detail: 'token blacklisted' }])
      assert.equal([...jar.keys()], [])
      isRefused(await world.send('/sliding/refresh', stolen), 'Token is blacklisted')
      assert.equal([...stolen.keys()], [])
    }),
})

claims('POST /verify', {
  'asks about the access cookie, of a pair or sliding, and never about a body': () =>
    inJar({}, async (world, jar) => {
      const pair = await world.open(await world.addUser())
      for (const one of [jar, pair]) {
        const answer = await world.send('/verify', one)
        assert.equal([answer.status, answer.body], [200, {}])
      }
      const token = tokenIn(pair, 'access')
      isRefused(await post(world, '/verify', { token }), 'Token is invalid')
      await world.logout(copy(pair))
      const ended = await world.send('/verify', pair)
      const blacklisted = { non_field_errors: ['Token is blacklisted'] }
      assert.equal([ended.status, ended.body], [400, blacklisted])
    }),
})

const copy = (jar: Jar): Jar => new Map(jar)
