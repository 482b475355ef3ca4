import type { Clock } from '../../../shared/kernel/clock.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import { blindToCutoffs, bornAtInsert, tornAppends } from '../../support/fakes/faulty-stores.ts'
import { withLatency } from '../../support/requests/with-latency.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import { byLogout, byRevokingAll, changeDuringLogin, refreshRace } from './races-rounds.ts'

type Break = (store: EventStore, clock: Clock) => EventStore

const foundOn = async (
  broken: Break,
  round: (world: World) => Promise<readonly string[]>,
): Promise<string> => {
  const found: string[] = []
  const wrapped = (store: EventStore, clock: Clock) => withLatency(broken(store, clock), clock, 1)
  await inWorld(
    { wrap: (ports, clock) => ({ ...ports, store: wrapped(ports.store, clock) }) },
    async (world) => {
      for (let count = 0; count < 10; count += 1) found.push(...(await round(world)))
    },
  )
  return found.join('\n')
}

const raced =
  (end: typeof byLogout) =>
  async (world: World): Promise<readonly string[]> =>
    (await refreshRace(world, end, 4)).violations

claims('the claims of races go red', {
  'when a rotation can overwrite a logout': async () => {
    assert.match(await foundOn(tornAppends, raced(byLogout)), /the (access|refresh) token of jar/)
  },

  'when cutoffs are not read': async () => {
    const found = await foundOn(blindToCutoffs, raced(byRevokingAll))
    assert.match(found, /the refresh token of jar/)
  },

  'when a session is born under the cutoffs of its insert': async () => {
    assert.match(await foundOn(bornAtInsert, changeDuringLogin), /the access token of jar/)
  },

  'and stay green without a fault': async () => {
    assert.is(await foundOn((store) => store, raced(byLogout)), '')
    assert.is(await foundOn((store) => store, raced(byRevokingAll)), '')
    assert.is(await foundOn((store) => store, changeDuringLogin), '')
  },
})
