import { withLatency } from '../../support/requests/with-latency.ts'
import { assert, type Claims, claims } from '../../support/suite.ts'
import { inWorld, type WorldOptions } from '../../support/worlds/gateway-world.ts'
import type { OpenBacking } from '../../support/worlds/world-backing.ts'
import { rotationRounds } from './rotation-round.ts'

/** Callers that present one token at once. */
const fanOut = 50
const latencyMs = 5
/** A claim may take two minutes; a slow server does some 25 rounds of 50 in a minute. */
const roundsPerClaim = 25

export type Rounds = Readonly<{ one: number; two: number; slow: number }>

const holds = (options: WorldOptions, rounds: number) => (): Promise<void> =>
  inWorld(options, async (world) => {
    const violations = await rotationRounds(world, rounds, fanOut)
    assert.equal(violations, [])
  })

const inParts = (what: string, options: WorldOptions, rounds: number): Claims => {
  const claim: Record<string, () => Promise<void>> = {}
  for (let from = 1; from <= rounds; from += roundsPerClaim) {
    const to = Math.min(from + roundsPerClaim - 1, rounds)
    claim[`${what}, rounds ${from} to ${to}`] = holds(options, to - from + 1)
  }
  return claim
}

/** I1 on one store: whatever races, one successor, one rotation in the store, nobody logged out. */
export const rotationClaims = (name: string, backing: OpenBacking, rounds: Rounds): void => {
  const slow: WorldOptions = {
    backing,
    gateways: 2,
    wrap: (ports, clock) => ({ ...ports, store: withLatency(ports.store, clock, latencyMs) }),
  }
  claims(`one successor, ${name}`, {
    ...inParts(`${fanOut} at one gateway`, { backing }, rounds.one),
    ...inParts(`${fanOut} at two gateways`, { backing, gateways: 2 }, rounds.two),
    ...inParts(`${fanOut} at two gateways, ${latencyMs} ms to the store`, slow, rounds.slow),
  })
}
