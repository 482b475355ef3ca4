import type { Clock } from '../../../shared/kernel/clock.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import { blindAppends, tornAppends } from '../../support/fakes/faulty-stores.ts'
import { withLatency } from '../../support/requests/with-latency.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type WorldOptions } from '../../support/worlds/gateway-world.ts'
import { rotationRounds } from './rotation-round.ts'

type Break = (store: EventStore, clock: Clock) => EventStore
/** The memory store answers within a turn, where nothing can come in between. */
const slowly =
  (broken: Break): Break =>
  (store, clock) =>
    withLatency(broken(store, clock), clock, 2)

/** What `rotationRounds` finds where the store does not keep what its port promises. */
const foundOn = async (broken: Break): Promise<string> => {
  let found: readonly string[] = []
  const wrap: WorldOptions['wrap'] = (ports, clock) => ({
    ...ports,
    store: broken(ports.store, clock),
  })
  await inWorld({ wrap }, async (world) => {
    found = await rotationRounds(world, 3, 20)
  })
  return found.join('\n')
}

claims('the claims of one successor go red', {
  'on a store that checks the version and inserts in two steps': async () => {
    assert.match(await foundOn(tornAppends), /[1-9]\d* refresh tokens succeed one/)
  },

  'on a store that takes every append': async () => {
    assert.match(await foundOn(slowly(blindAppends)), /[1-9]\d* refresh tokens succeed one/)
  },

  'and stay green on the memory store itself': async () => {
    assert.is(await foundOn(slowly((store) => store)), '')
  },
})
