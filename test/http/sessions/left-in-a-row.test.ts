import { blacklistToken } from '../../../services/gateway/sessions/blacklist-token.ts'
import { noOrigin } from '../../../shared/events/event.ts'
import { systemClock } from '../../../shared/kernel/clock.ts'
import { withTimeout } from '../../../shared/kernel/retry.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { copyOf, type Jar, jarOf, newJar, tokenIn } from '../../support/processes/browser.ts'
import { hungUp, type Pipelined, sendPipelined } from '../../support/requests/pipelined.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import type { StatePorts } from '../../support/worlds/world-backing.ts'

/** A store whose readers wait while it is shut. */
const gated = () => {
  let open: () => void = () => {}
  let gate = Promise.resolve()
  let waiting = 0
  const wrap = (ports: StatePorts): StatePorts => {
    const store = Object.create(ports.store) as typeof ports.store
    store.heads = async (streams) => {
      waiting += 1
      await gate
      return ports.store.heads(streams)
    }
    return { ...ports, store }
  }
  const shut = (): void => {
    waiting = 0
    gate = new Promise((resolve) => {
      open = resolve
    })
  }
  return { wrap, shut, open: () => open(), waiting: () => waiting }
}

const refreshOf = (jar: Jar): string => tokenIn(jar, 'refresh') ?? ''
const byCookie = (jar: Jar): Pipelined => ({
  path: '/logout',
  headers: { Cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
})
const inBody = (jar: Jar): Pipelined => ({
  path: '/api/token/blacklist/',
  json: { refresh: refreshOf(jar) },
})

const tokens = ['good', 'reused', 'dead'] as const
const ways = [byCookie, inBody].flatMap((way) => tokens.map((shown) => ({ way, shown })))
const count = 6

type Stage = Readonly<{ world: World; clock: ReturnType<typeof fakeClock> }>

/** What is sent in a row, and what the owner of the session has. */
const cast = async ({ world, clock }: Stage, shown: (typeof tokens)[number]) => {
  const jar = await world.open(await world.addUser())
  const sent = jarOf({ refresh: refreshOf(jar) })
  if (shown === 'reused') {
    await world.refresh(jar)
    await clock.advance(10_001)
  }
  if (shown === 'dead') assert.is((await world.logout(copyOf(jar))).status, 200)
  return { jar, sent }
}

claims('logouts in a row on a connection that goes away', {
  'none is kept, and the next logout is answered as if they had never come': async () => {
    const clock = fakeClock()
    const gate = gated()
    await inWorld({ clock, wrap: gate.wrap }, async (world) => {
      for (const { way, shown } of ways) {
        const { jar, sent } = await cast({ world, clock }, shown)
        gate.shut()
        const requests = Array.from({ length: count }, () => way(sent))
        const socket = await sendPipelined(Number(new URL(world.url).port), requests)
        await until('all wait for the store', () => gate.waiting() >= count)
        assert.is(world.rooms.sessions.logoutsInFlight.size, 1)
        await hungUp(socket)
        // Once another request is answered, the gateway has noticed.
        await world.send('/none', newJar(), { method: 'GET' })
        gate.open()
        const said = `${way.name}, ${shown}`
        await until(
          `all are forgotten: ${said}`,
          () => world.rooms.sessions.logoutsInFlight.size === 0,
        )
        await clock.advance(1_000)
        const late = (): Error => new Error(`no answer: ${said}`)
        const answer = await withTimeout(systemClock, 20_000, world.logout(copyOf(jar)), late)
        assert.is(answer.status, 401, said)
        assert.is(world.rooms.sessions.logoutsInFlight.size, 0)
      }
    })
  },

  'whatever becomes of a blacklisted token, who came later need not wait for its answer':
    async () => {
      const clock = fakeClock()
      await inWorld({ clock }, async (world) => {
        for (const shown of tokens) {
          const { sent } = await cast({ world, clock }, shown)
          const { logoutsInFlight } = world.rooms.sessions
          const { issuer } = world.rooms.tokens
          const arrival = world.rooms.context.storeClock.now()
          const verified = issuer.verifyRefresh(refreshOf(sent), arrival)
          if (!verified.ok) throw new Error(verified.problem)
          const { claims: found } = verified
          const [first, second] = [
            logoutsInFlight.enter([found.sid]),
            logoutsInFlight.enter([found.sid]),
          ]
          await blacklistToken(world.rooms, { claims: found, origin: noOrigin, arrival }, first)
          const late = (): Error => new Error(`it waits on: ${shown}`)
          const inTime = await withTimeout(
            systemClock,
            20_000,
            second.cameWhileAlive(found.sid),
            late,
          )
          assert.is(inTime, shown === 'good')
          first.answered()
          second.answered()
        }
      })
    },
})
