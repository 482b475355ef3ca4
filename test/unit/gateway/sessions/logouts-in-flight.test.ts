import fc from 'fast-check'
import {
  type LogoutInFlight,
  LogoutsInFlight,
} from '../../../../services/gateway/sessions/logouts-in-flight.ts'
import { aSid } from '../../../support/fakes/builders.ts'
import { assert, claims } from '../../../support/suite.ts'

const who = fc.nat(30)
const step = fc.oneof(
  fc.record({ op: fc.constant('enter' as const) }),
  fc.record({ op: fc.constant('found' as const), who, alive: fc.boolean() }),
  fc.record({ op: fc.constant('answered' as const), who }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

type Known = {
  readonly departing: LogoutInFlight
  readonly cameInTime: Promise<boolean>
  readonly earlier: readonly Known[]
  alive: boolean | null
  isAnswered: boolean
}

/** By the plain list of those who were there. */
const play = async (steps: readonly Step[]): Promise<void> => {
  const departures = new LogoutsInFlight()
  const sid = aSid()
  const all: Known[] = []
  for (const drawn of steps) {
    if (drawn.op === 'enter') {
      const departing = departures.enter([sid])
      const earlier = all.filter(({ isAnswered }) => !isAnswered)
      const cameInTime = departing.cameWhileAlive(sid)
      all.push({ departing, cameInTime, earlier, alive: null, isAnswered: false })
      continue
    }
    const one = all[drawn.who]
    if (!one) continue
    if (drawn.op === 'found') {
      one.departing.reportAlive(sid, drawn.alive)
      one.alive ??= drawn.alive
    } else {
      one.departing.answered()
      one.alive ??= false
      one.isAnswered = true
    }
  }
  for (const one of all) {
    one.departing.reportAlive(sid, false)
    one.alive ??= false
  }
  // Of who was answered nobody asks any more, but nothing may hang.
  const said = await Promise.all(all.map(({ cameInTime }) => cameInTime))
  for (const [index, { earlier, isAnswered }] of all.entries()) {
    if (!isAnswered)
      assert.is(
        said[index],
        earlier.some(({ alive }) => alive),
      )
  }
  for (const { departing } of all) departing.answered()
  assert.is(departures.size, 0)
}

claims('those on the way out of a session', {
  'are told whether an earlier one, not answered when they came, found it alive': () =>
    fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60 }), play), {
      seed: 20_261_129,
      numRuns: 300,
    }),
})
