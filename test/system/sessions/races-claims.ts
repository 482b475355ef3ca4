import { limitAtOnce } from '../../support/fakes/limit-at-once.ts'
import { withLatency } from '../../support/requests/with-latency.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World, type WorldOptions } from '../../support/worlds/gateway-world.ts'
import type { OpenBacking } from '../../support/worlds/world-backing.ts'
import {
  byLogout,
  byRevokingAll,
  changeDuringLogin,
  passwordRace,
  type Raced,
  refreshRace,
} from './races-rounds.ts'

const latencyMs = 5
type Round = (world: World) => Promise<Raced>

/** About as long as a racer takes, so that ends come early, in the middle and late. */
const spreadMs = 8
const slowSpreadMs = 40

const racing = (rounds: number) => (options: WorldOptions, round: Round) => () =>
  inWorld({ gateways: 2, ...options }, async (world) => {
    const violations: string[] = []
    let refreshed = 0
    for (let count = 0; count < rounds; count += 1) {
      const raced = await round(world)
      violations.push(...raced.violations.map((violation) => `round ${count}: ${violation}`))
      refreshed += raced.refreshed
    }
    assert.equal(violations, [])
    assert.ok(refreshed > 0, 'no racer ever won: nothing was tried')
  })

/** I4 on one store: what was answered before or during the end is refused after it. */
export const raceClaims = (name: string, backing: OpenBacking, rounds: number): void => {
  const inRounds = racing(rounds)
  const slow: WorldOptions = {
    backing,
    wrap: (ports, clock) => ({
      ...ports,
      store: withLatency(ports.store, clock, latencyMs),
      directory: withLatency(ports.directory, clock, latencyMs),
    }),
  }
  const slowly = `${latencyMs} ms to the store`
  claims(`nothing outlives its end, ${name}, ${rounds} rounds`, {
    'refresh races logout': inRounds({ backing }, (world) =>
      refreshRace(world, byLogout, spreadMs),
    ),
    'refresh races revoke-all': inRounds({ backing }, (world) =>
      refreshRace(world, byRevokingAll, spreadMs),
    ),
    [`refresh races logout, ${slowly}`]: inRounds(slow, (world) =>
      refreshRace(world, byLogout, slowSpreadMs),
    ),
    [`refresh races revoke-all, ${slowly}`]: inRounds(slow, (world) =>
      refreshRace(world, byRevokingAll, slowSpreadMs),
    ),
    'login races a change of the password': inRounds({ backing }, (world) =>
      passwordRace(world, spreadMs),
    ),
    [`login races a change of the password, ${slowly}`]: inRounds(slow, (world) =>
      passwordRace(world, slowSpreadMs),
    ),
    'a change between the check of the old password and the insert: born dead': () =>
      inWorld({ backing, gateways: 2 }, async (world) => {
        assert.equal(await changeDuringLogin(world), [])
      }),
    'logins at once stay within the limit of sessions': () => limitAtOnce(backing),
  })
}
