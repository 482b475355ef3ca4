import { ViewAge } from '../../../services/projector/view-age.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { ViewClosed } from '../../../shared/ports/blacklist-view.ts'
import { aLogId } from '../../support/fakes/builders.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { assert, claims } from '../../support/suite.ts'

const logId = aLogId()
const maxMs = 15_000

const aged = (first: (now: EpochMs) => ViewClosed | null) => {
  const clock = fakeClock()
  const state = { closed: first(clock.now()) }
  const age = new ViewAge({ view: { closed: async () => state.closed }, clock, maxMs })
  const stop = new AbortController()
  void age.run(stop.signal)
  const move = (): void => {
    state.closed = { t: clock.now(), logId, position: `${logId}:1` }
  }
  return { clock, age, move, stop }
}
const closedAt = (t: EpochMs): ViewClosed => ({ t, logId, position: `${logId}:0` })
const stateOf = (age: ViewAge, cause: string | null = null): string =>
  age.trouble(cause)?.state ?? 'ok'

claims('the age of a view', {
  'a view that moves is well, one that stands still is not, with the cause, until it moves':
    async () => {
      const { clock, age, move, stop } = aged(closedAt)
      await clock.advance(0)
      assert.is(stateOf(age), 'ok')
      await clock.advance(maxMs + 1_000)
      assert.is(age.ageMs(), 16_000)
      assert.is(stateOf(age, 'no broker'), 'closed time stands still for 16 s: no broker')
      move()
      await clock.advance(1_000)
      assert.is(stateOf(age), 'ok')
      stop.abort()
    },

  'a view that was old at the start is not ready before it moves': async () => {
    const { clock, age, move, stop } = aged((now) => closedAt((now - 60_000) as EpochMs))
    await clock.advance(0)
    assert.match(stateOf(age), /^closed time is old: /)
    assert.is(age.ageMs(), null)
    move()
    await clock.advance(1_000)
    assert.is(stateOf(age), 'ok')
    stop.abort()
  },

  'a view without closed time is not ready': async () => {
    const { clock, age, stop } = aged(() => null)
    await clock.advance(0)
    assert.match(stateOf(age), /^no closed time yet: /)
    stop.abort()
  },
})
