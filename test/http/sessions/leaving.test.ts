import { login } from '../../../services/gateway/sessions/login.ts'
import { openSlidingToken } from '../../../services/gateway/sessions/session-openers.ts'
import { sessionId, sessionStream } from '../../../shared/kernel/ids.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { copyOf, type Jar, jarOf, newJar, tokenIn } from '../../support/processes/browser.ts'
import type { Answer } from '../../support/requests/http-send.ts'
import { payloadOf } from '../../support/requests/visitor.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import { lmdbBacking } from '../../support/worlds/world-backing.ts'

type Tokens = Readonly<{ access: string; refresh: string }>
const tokensOf = (jar: Jar): Tokens => ({
  access: tokenIn(jar, 'access') ?? '',
  refresh: tokenIn(jar, 'refresh') ?? '',
})

const isAlive = async (world: World, token: string): Promise<boolean> => {
  const [newest] = await world.state.store.heads([sessionStream(sessionId(payloadOf(token).sid))])
  return newest?.session?.status === 'live'
}

/** What may stand beside the session that is to end. */
type Cast = Readonly<{
  /** Its access token is expired, its refresh token good. */
  idle: Tokens
  /** Another session of the same user, whose access token lives. */
  other: Tokens
  stranger: Tokens
  dead: Tokens
  /** Nothing of it is good any more, and nobody ended it. */
  stale: Tokens
}>

const accesses = ['none', 'own', 'idle', 'garbage', 'other', 'stranger', 'dead'] as const
const refreshes = ['none', 'good', 'garbage', 'stale', 'dead', 'access'] as const
type Shown = Readonly<{
  access: (typeof accesses)[number]
  refresh: (typeof refreshes)[number]
  inHeader: boolean
}>

const accessOf = (cast: Cast, own: string, { access }: Shown): string | null => {
  if (access === 'none') return null
  if (access === 'garbage') return 'a.b.c'
  return access === 'own' ? own : cast[access].access
}
const refreshOf = (cast: Cast, own: string, { refresh }: Shown): string | null => {
  if (refresh === 'none') return null
  if (refresh === 'garbage') return 'a.b.c'
  if (refresh === 'access') return own
  return refresh === 'good' ? cast.idle.refresh : cast[refresh].refresh
}

type Expected = Readonly<{
  status: number
  cleared: boolean
  ends: readonly ('idle' | 'other' | 'stranger')[]
}>
const expected = ({ access, refresh }: Shown): Expected => {
  const nothing: Expected = { status: 401, cleared: false, ends: [] }
  const left = { status: 200, cleared: true }
  if (refresh === 'good') {
    if (access === 'stranger') return nothing
    return { ...left, ends: access === 'other' ? ['idle', 'other'] : ['idle'] }
  }
  if (access === 'own') return { ...left, ends: ['idle'] }
  if (access === 'other' || access === 'stranger') return { ...left, ends: [access] }
  return access === 'dead' || refresh === 'dead' ? { ...nothing, cleared: true } : nothing
}

const everyShown: readonly Shown[] = accesses.flatMap((access) =>
  refreshes.flatMap((refresh) => [false, true].map((inHeader) => ({ access, refresh, inHeader }))),
)

const sendShown = (world: World, cast: Cast, own: string, shown: Shown): Promise<Answer> => {
  const access = accessOf(cast, own, shown)
  const refresh = refreshOf(cast, own, shown)
  const jar = jarOf({
    ...(access !== null && !shown.inHeader ? { access } : {}),
    ...(refresh === null ? {} : { refresh }),
  })
  const headers = access !== null && shown.inHeader ? { authorization: `Bearer ${access}` } : {}
  return world.send('/logout', jar, { headers })
}

const lifetimes = { CURFEW_ACCESS_TOKEN_LIFETIME: '60s', CURFEW_REFRESH_TOKEN_LIFETIME: '200s' }

claims('who may log out', {
  'every mixture of access and refresh token ends what it proves, and nothing else': async () => {
    const clock = fakeClock()
    await inWorld({ clock, env: lifetimes }, async (world) => {
      const somebody = await world.addUser()
      const stale = tokensOf(await world.open(somebody))
      await clock.leap(150_000)
      const users = await Promise.all(everyShown.map(() => world.addUser()))
      const idles: Jar[] = []
      for (const user of users) idles.push(await world.open(user))
      await clock.leap(61_000)
      const deadJar = await world.open(somebody)
      const dead = tokensOf(deadJar)
      assert.is((await world.logout(deadJar)).status, 200)
      for (const [index, shown] of everyShown.entries()) {
        const jar = idles[index] ?? newJar()
        const idle = tokensOf(jar)
        const fresh = copyOf(jar)
        if (shown.access === 'own') await world.refresh(fresh)
        const [other, stranger] = [
          await world.open(users[index] ?? somebody),
          await world.open(somebody),
        ]
        const cast: Cast = {
          idle,
          other: tokensOf(other),
          stranger: tokensOf(stranger),
          dead,
          stale,
        }
        const answer = await sendShown(world, cast, tokensOf(fresh).access, shown)
        const { status, cleared, ends } = expected(shown)
        const said = JSON.stringify(shown)
        assert.equal([answer.status, answer.setCookie.length], [status, cleared ? 2 : 0], said)
        for (const name of ['idle', 'other', 'stranger'] as const) {
          assert.is(
            await isAlive(world, cast[name].access),
            !ends.includes(name),
            `${name}: ${said}`,
          )
        }
      }
    })
  },

  'a rotated refresh token logs out within the grace, and is a reuse after it': async () => {
    const clock = fakeClock()
    await inWorld({ clock }, async (world) => {
      for (const used of [false, true]) {
        const jar = await world.open(await world.addUser())
        const before = jarOf({ refresh: tokensOf(jar).refresh })
        await world.refresh(jar)
        if (used) await world.refresh(jar)
        assert.is((await world.logout(before)).status, 200)
        assert.is((await world.me(jar)).status, 401)
      }
      const jar = await world.open(await world.addUser())
      const thief = jarOf({ refresh: tokensOf(jar).refresh })
      await world.refresh(jar)
      await clock.advance(10_001)
      const answers = await Promise.all(
        Array.from({ length: 5 }, () => world.logout(copyOf(thief))),
      )
      for (const answer of answers) {
        assert.equal([answer.status, answer.setCookie.length], [401, 2])
        assert.equal((answer.body as { detail: string }).detail, 'Token is blacklisted')
      }
      assert.is((await world.me(jar)).status, 401)
    })
  },

  'an expired sliding token ends its session as long as it may be renewed': async () => {
    const clock = fakeClock()
    const env = {
      CURFEW_SLIDING_TOKEN_LIFETIME: '60s',
      CURFEW_SLIDING_TOKEN_REFRESH_LIFETIME: '5m',
    }
    await inWorld({ clock, env }, async (world) => {
      const user = await world.addUser()
      for (const [afterMs, status] of [
        [61_000, 200],
        [301_000, 401],
      ] as const) {
        const { sliding } = await openSliding(world, user.username)
        await clock.leap(afterMs)
        assert.is((await world.logout(jarOf({ access: sliding }))).status, status)
        assert.is(await isAlive(world, sliding), status === 401)
      }
    })
  },

  'a token that was ended alone leaves its session, and the cookies that can still end it': () =>
    inWorld({}, async (world) => {
      const jar = await world.open(await world.addUser())
      const { access, refresh } = tokensOf(jar)
      const revoked = await world.send('/revocations', newJar(), {
        json: { scope: 'token', id: payloadOf(access).jti },
        headers: world.serviceHeaders,
      })
      assert.is(revoked.status, 200)
      const alone = await world.logout(jarOf({ access }))
      assert.equal([alone.status, alone.setCookie], [401, []])
      assert.is((await world.logout(jarOf({ access, refresh }))).status, 200)
    }),
})

const openSliding = async (world: World, username: string): Promise<{ sliding: string }> => {
  const request = {
    username,
    password: 'correct horse',
    origin: { address: null, agent: null },
    arrival: world.rooms.context.storeClock.now(),
  }
  const opened = await login(world.quickRooms, request, openSlidingToken)
  assert.is(opened.outcome, 'opened')
  return { sliding: opened.outcome === 'opened' ? opened.tokens.token : '' }
}

const atOnce = 20

claims('several logouts at once', {
  'each whose token was good when it came is answered 200, and the next one 401': async () => {
    for (const backing of [undefined, lmdbBacking]) {
      await inWorld({ ...(backing ? { backing } : {}) }, async (world) => {
        const { access, refresh } = tokensOf(await world.open(await world.addUser()))
        for (const [index, tokens] of [{ refresh }, { access, refresh }].entries()) {
          const jar = index === 0 ? jarOf(tokens) : await world.open(await world.addUser())
          const answers = await Promise.all(
            Array.from({ length: atOnce }, () => world.logout(copyOf(jar))),
          )
          assert.equal([...new Set(answers.map(({ status }) => status))], [200])
          for (const { headers } of answers) assert.is(headers['revocation-status'], 'acknowledged')
          const late = copyOf(jar)
          assert.is((await world.logout(late)).status, 401)
          assert.is(late.size, 0)
        }
        assert.is(world.rooms.sessions.logoutsInFlight.size, 0)
      })
    }
  },

  'a refresh that races with them never brings the session back': () =>
    inWorld({ gateways: 2 }, async (world) => {
      for (let round = 0; round < 10; round += 1) {
        const jar = await world.open(await world.addUser())
        const { refresh } = tokensOf(jar)
        const [first, second] = world.gateways
        const racing = copyOf(jar)
        const [left] = await Promise.all([
          first?.logout(jarOf({ refresh })),
          second?.refresh(racing),
        ])
        assert.is(left?.status, 200)
        for (const one of [jar, racing]) {
          assert.is((await world.refresh(copyOf(one))).status, 401)
        }
      }
    }),
})
