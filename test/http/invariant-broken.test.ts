import { watchedIndex } from '../../services/auditor/indexing/index.ts'
import { type AuthEvent, event } from '../../shared/events/event.ts'
import { systemEntropy as entropy } from '../../shared/kernel/entropy.ts'
import { silentLogger as logger } from '../../shared/kernel/logger.ts'
import { Meter } from '../../shared/metrics/meter.ts'
import { aCommit, aJti, aRevoked, aSid } from '../support/fakes/builders.ts'
import { assert, claims } from '../support/suite.ts'
import { until } from '../support/until.ts'
import { loggedEvents } from '../support/views/logged-events.ts'
import { inWorld, type World } from '../support/worlds/gateway-world.ts'

/** With an auditor’s index and watch on the state of the world. */
const watched = async (world: World, claim: (meter: Meter) => Promise<void>): Promise<void> => {
  const { log, audit: index, store } = world.state
  const events = { ring: world.keys.events, unsigned: 'park' } as const
  const meter = new Meter()
  const parts = { log, index, store, events, clock: world.clock, entropy, logger, meter }
  const follower = watchedIndex(parts)
  follower.start()
  try {
    await claim(meter)
  } finally {
    await follower.close()
  }
}

const brokenIn = async ({ state: { log } }: World) =>
  (await loggedEvents(log)).flatMap(({ event: told }) =>
    told.type === 'InvariantBroken' ? [told.data] : [],
  )

claims('a broken invariant', {
  'is an event in the log, told once over restarts of the auditor, and a metric': () =>
    inWorld({}, async (world) => {
      const user = await world.addUser()
      const sid = aSid()
      const [at, { sub }] = [world.clock.now(), user]
      const [iat, exp] = [Math.floor(at / 1_000), Math.floor(at / 1_000) + 600] as never[]
      const issued = (cause: 'login' | 'refresh'): AuthEvent =>
        event('TokenIssued', {
          ...{ kind: 'access', jti: aJti(), sub, client: 'web' as never, sid, cause },
          ...{ iat: iat as never, exp: exp as never, replaces: null, address: null, agent: null },
        })
      const commits = [issued('login'), aRevoked({ sid, sub }), issued('refresh')]
      for (const [v, told] of commits.entries()) {
        await world.rooms.context.store.append(
          aCommit({ s: `s/${sid}`, v, at, session: null, events: [told], kind: 'o' }),
        )
      }
      await watched(world, async (meter) => {
        await until('the breach is told', async () => (await brokenIn(world)).length === 1)
        assert.match(await meter.text(), 'curfew_invariant_breaches_total')
      })
      const before = world.state.log
      await watched(world, async () => {
        const end = await before.bounds({ topic: 'auth.events', partition: 0 })
        await until('all is looked at', async () => {
          const lanes = await world.state.audit.lanes()
          return lanes.some(({ next }) => next >= end.end)
        })
      })
      const broken = await brokenIn(world)
      assert.equal(
        broken.map(({ invariant, stream, events }) => [invariant, stream, events]),
        [['none_used_after_end', `s/${sid}`, [`s/${sid}:1:0`, `s/${sid}:2:0`]]],
      )
    }),
})
