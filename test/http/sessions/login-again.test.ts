import { createUser } from '../../../services/gateway/accounts/create-user.ts'
import { refresh } from '../../../services/gateway/sessions/refresh.ts'
import { isSliding } from '../../../shared/events/commit.ts'
import { noOrigin } from '../../../shared/events/event.ts'
import { sessionId, sessionStream } from '../../../shared/kernel/ids.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { copyOf, type Jar, jarOf, newJar, tokenIn } from '../../support/processes/browser.ts'
import type { Answer } from '../../support/requests/http-send.ts'
import { payloadOf } from '../../support/requests/visitor.ts'
import { withLatency } from '../../support/requests/with-latency.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import { form, rawRequest } from '../raw-request.ts'

const password = 'correct horse'
const paths = ['/login', '/sliding/login'] as const
const both = { CURFEW_AUTH_TOKEN_CLASSES: 'access,sliding' }

const withUsers = (prove: (world: World) => Promise<void>, env = {}): Promise<void> =>
  inWorld({ env: { ...both, ...env } }, async (world) => {
    for (const username of ['alice', 'bob']) {
      await createUser(world.rooms, { username, password, roles: [] })
    }
    await prove(world)
  })

const logIn = (world: World, path: string, jar: Jar, body: object = {}): Promise<Answer> =>
  world.send(path, jar, { json: { username: 'alice', password, ...body } })

const endOf = async (world: World, token: string) => {
  const [newest] = await world.state.store.heads([sessionStream(sessionId(payloadOf(token).sid))])
  if (newest?.session?.status !== 'dead') return null
  const told = newest.events.find(({ type }) => type === 'TokenRevoked')
  return told?.type === 'TokenRevoked' ? told.data : null
}
const anyToken = (jar: Jar): string => tokenIn(jar, 'access') ?? tokenIn(jar, 'refresh') ?? ''

claims('logging in again', {
  // asvs: 7.2.4
  'ends the session whose cookies came, of either kind, and says so': () =>
    withUsers(async (world) => {
      for (const before of paths) {
        for (const path of paths) {
          const jar = newJar()
          await logIn(world, before, jar)
          const old = copyOf(jar)
          assert.is((await logIn(world, path, jar)).status, 200)
          const end = await endOf(world, anyToken(old))
          assert.equal(end?.reason, 'logged_in_again', `${before}, ${path}`)
          assert.equal(end?.actor, { by: 'user', id: payloadOf(anyToken(jar)).sub })
          assert.is((await world.me(old)).status, 401)
          assert.is((await world.me(jar)).status, 200)
        }
      }
    }),

  'is answered when the end is in the store, however slow that is': () =>
    inWorld(
      {
        wrap: (ports, clock) => ({ ...ports, store: withLatency(ports.store, clock, 20) }),
      },
      async (world) => {
        await createUser(world.rooms, { username: 'alice', password, roles: [] })
        const jar = newJar()
        await logIn(world, '/login', jar)
        const old = copyOf(jar)
        await logIn(world, '/login', jar)
        assert.is((await endOf(world, anyToken(old)))?.reason, 'logged_in_again')
      },
    ),

  // asvs: 7.2.4
  'one cookie is enough, and so is a rotated one; another person’s session ends too': () =>
    withUsers(async (world) => {
      for (const kind of ['access', 'refresh'] as const) {
        const jar = newJar()
        await logIn(world, '/login', jar)
        const shown = jarOf({ [kind]: tokenIn(jar, kind) ?? '' })
        if (kind === 'refresh') await world.refresh(jar)
        assert.is((await logIn(world, '/login', shown, { username: 'bob' })).status, 200)
        assert.is((await endOf(world, anyToken(jar)))?.reason, 'logged_in_again')
      }
    }),

  'an access token that ended alone ends nothing, and a refresh token that did is revoked': () =>
    withUsers(async (world) => {
      for (const path of paths) {
        for (const kind of ['access', 'refresh'] as const) {
          const jar = newJar()
          await logIn(world, path, jar)
          const token = tokenIn(jar, kind)
          if (token === null) continue
          const json = { scope: 'token', id: payloadOf(token).jti }
          const headers = world.serviceHeaders
          const revoked = await world.send('/revocations', newJar(), { json, headers })
          assert.is(revoked.status, 200)
          assert.is((await logIn(world, '/login', jarOf({ [kind]: token }))).status, 200)
          const reason = kind === 'access' ? undefined : 'revoked'
          assert.is((await endOf(world, token))?.reason, reason, `${path}, ${kind}`)
        }
      }
    }),

  'a refresh token that was replaced is a reuse after its grace, and none before': async () => {
    const clock = fakeClock()
    await inWorld({ clock }, async (world) => {
      await createUser(world.rooms, { username: 'alice', password, roles: [] })
      for (const withAccess of [false, true]) {
        for (const [afterMs, reason] of [
          [9_000, 'logged_in_again'],
          [10_001, 'reuse'],
        ] as const) {
          const jar = newJar()
          await logIn(world, '/login', jar)
          const old = withAccess ? copyOf(jar) : jarOf({ refresh: tokenIn(jar, 'refresh') ?? '' })
          await world.refresh(jar)
          await clock.advance(afterMs)
          assert.is((await logIn(world, '/login', old)).status, 200)
          const [newest] = await world.state.store.heads([
            sessionStream(sessionId(payloadOf(anyToken(jar)).sid)),
          ])
          const isTold = newest?.events.some(({ type }) => type === 'ReuseDetected')
          assert.equal(
            [(await endOf(world, anyToken(jar)))?.reason, isTold],
            [reason, reason === 'reuse'],
          )
        }
      }
    })
  },

  'a refresh token that was replaced without blacklisting ends nothing': async () => {
    await withUsers(async (world) => {
      const jar = newJar()
      await logIn(world, '/login', jar)
      const token = tokenIn(jar, 'refresh') ?? ''
      // Rotated while CURFEW_BLACKLIST_AFTER_ROTATION was off; it is on by now.
      const { policy } = world.rooms
      const { issuer } = world.rooms.tokens
      const { storeClock } = world.rooms.context
      const off = { ...world.rooms, policy: { ...policy, blacklistAfterRotation: false } }
      const arrival = storeClock.now()
      const verified = issuer.verifyRefresh(token, arrival)
      if (!verified.ok) throw new Error(verified.problem)
      const { claims } = verified
      const rotated = await refresh(off, { claims, token, origin: noOrigin, arrival })
      assert.is(rotated.outcome, 'refreshed')
      assert.is((await logIn(world, '/login', jarOf({ refresh: token }))).status, 200)
      assert.is(await endOf(world, token), null)
    })
  },

  'that fails ends nothing, nor does a login in a body or with a header': () =>
    withUsers(async (world) => {
      const jar = newJar()
      await logIn(world, '/login', jar)
      assert.is((await logIn(world, '/login', copyOf(jar), { password: 'wrong' })).status, 401)
      assert.is((await logIn(world, '/login', copyOf(jar), { remember: 'maybe' })).status, 400)
      assert.is((await logIn(world, '/api/token/', copyOf(jar))).status, 200)
      const headers = { authorization: `Bearer ${tokenIn(jar, 'access')}` }
      const json = { username: 'alice', password }
      assert.is((await world.send('/login', newJar(), { json, headers })).status, 200)
      assert.is((await world.me(jar)).status, 200)
      for (const cookie of ['access=abc; refresh=a.b.c', 'refresh=', 'access=abc; access=def']) {
        const sent = await world.send('/login', newJar(), { json, headers: { cookie } })
        assert.is(sent.status, 200, cookie)
      }
    }),
})

const lasts = (answer: Pick<Answer, 'setCookie'>): boolean[] =>
  answer.setCookie
    .filter((line) => !line.includes('Max-Age=0'))
    .map((line) => line.includes('Max-Age='))

claims('remember: false', {
  'sets cookies that go with the browser, at the login and ever after': async () => {
    const clock = fakeClock()
    await inWorld({ clock, env: both }, async (world) => {
      await createUser(world.rooms, { username: 'alice', password, roles: [] })
      for (const remember of [false, true]) {
        const jar = newJar()
        assert.equal(lasts(await logIn(world, '/login', jar, { remember })), [remember, remember])
        const replayed = copyOf(jar)
        for (const one of [jar, replayed, jar]) {
          await clock.advance(1_000)
          assert.equal(lasts(await world.refresh(one)), [remember, remember])
        }
        const others = await world.send('/revocations', jar, { json: { scope: 'others' } })
        assert.equal(lasts(others), [remember, remember])
        const sliding = newJar()
        assert.equal(lasts(await logIn(world, '/sliding/login', sliding, { remember })), [remember])
        await clock.advance(1_000)
        assert.equal(lasts(await world.send('/sliding/refresh', sliding)), [remember])
        const [newest] = await world.state.store.heads([
          sessionStream(sessionId(payloadOf(anyToken(sliding)).sid)),
        ])
        assert.ok(newest?.session && isSliding(newest.session))
      }
    })
  },

  'is a boolean in JSON or a form, and a 400 that names it otherwise': () =>
    withUsers(async (world) => {
      for (const [given, remember] of [
        ['false', false],
        ['False', false],
        ['0', false],
        ['off', false],
        ['true', true],
        ['on', true],
      ] as const) {
        const body = new URLSearchParams({ username: 'alice', password, remember: given })
        const answer = await rawRequest(`${world.url}/login`, {
          headers: form,
          body: body.toString(),
        })
        assert.equal([answer.status, lasts(answer)], [200, [remember, remember]], given)
      }
      for (const given of ['', 'maybe', 2, [], {}, [true]]) {
        const answer = await logIn(world, '/login', newJar(), { remember: given })
        const problem = { remember: ['Must be a valid boolean.'] }
        assert.equal([answer.status, answer.body, answer.setCookie], [400, problem, []])
      }
      const none = await logIn(world, '/login', newJar(), { remember: null })
      assert.equal([none.status, none.body], [400, { remember: ['This field may not be null.'] }])
    }),
})

claims('Clear-Site-Data', {
  // asvs: 14.3.1
  'comes with a logout where the setting asks for it, and with nothing else': async () => {
    for (const on of [false, true]) {
      const shown = on ? '"cache", "storage"' : undefined
      await inWorld({ env: { CURFEW_CLEAR_SITE_DATA: String(on) } }, async (world) => {
        const jar = await world.open(await world.addUser())
        const again = copyOf(jar)
        assert.is((await world.refresh(jar)).headers['clear-site-data'], undefined)
        assert.is((await world.logout(newJar())).headers['clear-site-data'], undefined)
        assert.is((await world.logout(jar)).headers['clear-site-data'], shown)
        const late = await world.logout(again)
        assert.equal([late.status, late.headers['clear-site-data']], [401, shown])
      })
    }
  },
})
