import { createUser } from '../../../services/gateway/accounts/create-user.ts'
import { livingSessions } from '../../../services/gateway/revocations/living-sessions.ts'
import { login } from '../../../services/gateway/sessions/login.ts'
import { openPair } from '../../../services/gateway/sessions/session-openers.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { sessionId, sessionStream } from '../../../shared/kernel/ids.ts'
import { Dice } from '../../support/fakes/dice.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { replacing } from '../../support/fakes/faulty-stores.ts'
import { limitAtOnce } from '../../support/fakes/limit-at-once.ts'
import { withSessions } from '../../support/other-rooms.ts'
import { copyOf, type Jar, jarOf, newJar, tokenIn } from '../../support/processes/browser.ts'
import { payloadOf } from '../../support/requests/visitor.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import { memoryBacking, type StatePorts } from '../../support/worlds/world-backing.ts'

const statusOf = async (world: World, jar: Jar): Promise<number> =>
  (await world.me(copyOf(jar))).status
const sidOf = (jar: Jar) => sessionId(payloadOf(tokenIn(jar, 'access') ?? '').sid)

const reasonOf = async (world: World, jar: Jar): Promise<string | null> => {
  const [newest] = await world.state.store.heads([sessionStream(sidOf(jar))])
  const told = newest?.events.find(({ type }) => type === 'TokenRevoked')
  const isDead = newest?.session?.status === 'dead'
  return isDead && told?.type === 'TokenRevoked' ? told.data.reason : null
}

claims('CURFEW_MAX_SESSIONS', {
  // asvs: 2.3.2
  'ends the oldest for a new one, never the new one, whatever ended before': async () => {
    for (const seed of ['a', 'b', 'c']) {
      const dice = new Dice(seed)
      const max = 1 + dice.below(4)
      const clock = fakeClock()
      await inWorld({ clock, env: { CURFEW_MAX_SESSIONS: String(max) } }, async (world) => {
        const user = await world.addUser()
        let living: Jar[] = []
        for (let step = 0; step < 10; step += 1) {
          await clock.advance(1_000)
          const victim = living[dice.below(living.length || 1)]
          if (victim && dice.chance(30)) {
            await world.logout(copyOf(victim))
            living = living.filter((one) => one !== victim)
          }
          if (victim && dice.chance(30)) await world.refresh(victim)
          const jar = await world.open(user)
          living.push(jar)
          const ended = living.splice(0, Math.max(0, living.length - max))
          for (const one of living) assert.is(await statusOf(world, one), 200, seed)
          for (const one of ended) {
            assert.is(await statusOf(world, one), 401, seed)
            assert.is(await reasonOf(world, one), 'session_limit')
          }
        }
      })
    }
  },

  'leaves the other devices alone when one of them logs in again': async () => {
    for (const seed of ['a', 'b', 'c']) {
      const dice = new Dice(seed)
      const max = 1 + dice.below(3)
      const env = {
        CURFEW_MAX_SESSIONS: String(max),
        CURFEW_AUTH_TOKEN_CLASSES: 'access,sliding',
      }
      await inWorld({ env }, async (world) => {
        const json = { username: 'alice', password: 'correct horse' }
        const user = await createUser(world.rooms, { ...json, roles: [] })
        const jars: Jar[] = []
        for (let count = 0; count < max; count += 1) jars.push(await world.open(user))
        for (let round = 0; round < 3; round += 1) {
          const again = jars[dice.below(max)] ?? newJar()
          const before = copyOf(again)
          const path = dice.chance(50) ? '/login' : '/sliding/login'
          assert.is((await world.send(path, again, { json })).status, 200)
          assert.is(await reasonOf(world, before), 'logged_in_again', seed)
          for (const jar of jars) assert.is(await statusOf(world, jar), 200, seed)
        }
      })
    }
  },

  'a login that fails after its session was written ends nobody, and its session': async () => {
    const faults = new Set<string>()
    const failing = (name: string): void => {
      if (faults.delete(name)) throw new AuthError('STORE_UNAVAILABLE', name)
    }
    const wrap = (ports: StatePorts): StatePorts => ({
      ...ports,
      store: replacing(ports.store, {
        append: async (commit) => {
          if (commit.session?.status === 'dead') failing('end')
          return ports.store.append(commit)
        },
        agree: async (...given) => {
          failing(given[1] === '' ? 'known' : 'set')
          return ports.store.agree(...given)
        },
      }),
      sessions: replacing(ports.sessions, {
        page: async (...given) => {
          failing('page')
          return ports.sessions.page(...given)
        },
      }),
    })
    await inWorld({ wrap, env: { CURFEW_MAX_SESSIONS: '2' } }, async (world) => {
      for (const fault of ['page', 'known', 'set', 'end']) {
        const user = await world.addUser()
        const jars = [await world.open(user), await world.open(user)]
        faults.add(fault)
        const failed = await world.open(user).then(
          () => null,
          (error: unknown) => error,
        )
        faults.clear()
        assert.ok(failed instanceof AuthError, fault)
        for (const jar of jars) assert.is(await statusOf(world, jar), 200, fault)
        const living = []
        for await (const page of livingSessions(world.rooms, {
          scope: 'subject',
          sub: user.sub,
        })) {
          living.push(...page.map(({ sid }) => sid))
        }
        assert.equal(living.sort(), jars.map(sidOf).sort(), fault)
      }
    })
  },

  'is no limit at 0, and counts nobody else’s': async () => {
    await inWorld({}, async (world) => {
      const user = await world.addUser()
      const jars: Jar[] = []
      for (let count = 0; count < 6; count += 1) jars.push(await world.open(user))
      for (const jar of jars) assert.is(await statusOf(world, jar), 200)
    })
    await inWorld({ env: { CURFEW_MAX_SESSIONS: '1' } }, async (world) => {
      const [mine, hers] = [
        await world.open(await world.addUser()),
        await world.open(await world.addUser()),
      ]
      assert.equal([await statusOf(world, mine), await statusOf(world, hers)], [200, 200])
    })
  },

  'counts a session from before the limit, which the list knows': () =>
    inWorld({ env: { CURFEW_MAX_SESSIONS: '1' } }, async (world) => {
      const user = await world.addUser()
      const unlimited = withSessions(world.quickRooms, { maxSessions: 0 })
      const request = {
        username: user.username,
        password: 'correct horse',
        origin: { address: null, agent: null },
        arrival: world.rooms.context.storeClock.now(),
      }
      const opened = await login(unlimited, request, openPair)
      if (opened.outcome !== 'opened') throw new Error(opened.outcome)
      const { access, refresh } = opened.tokens
      const before = jarOf({ access: access.token, refresh: refresh.token })
      const use = { version: 0, at: request.arrival, address: null, agent: null }
      await world.state.sessions.fold([
        {
          sid: sidOf(before),
          sub: user.sub,
          client: null,
          kind: 'pair',
          first: use,
          last: use,
          expiresAt: refresh.expiresAt,
          ended: null,
          keepUntil: refresh.expiresAt,
        },
      ])
      await world.open(user)
      assert.is(await reasonOf(world, before), 'session_limit')
    }),

  // asvs: 2.3.4
  'holds for logins at once, in two gateways': async () => {
    await limitAtOnce(memoryBacking)
  },
})
