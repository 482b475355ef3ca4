import {
  type Freshness,
  guardNow,
  isAhead,
  noFreshness,
  observeClosedTime,
  stalenessMs,
} from '../../../../shared/guard/freshness/freshness.ts'
import type { EpochMs, LogId } from '../../../../shared/kernel/ids.ts'
import { aLogId } from '../../../support/fakes/builders.ts'
import { assert, claims } from '../../../support/suite.ts'

const logA = aLogId()
const logB = aLogId()
const t0 = 1_800_000_000_000
const ms = (value: number): EpochMs => value as EpochMs
const error = 1_000

const after = (state: Freshness, t: number, logId: LogId = logA, monotonicMs = 0): Freshness => {
  const observed = observeClosedTime(state, { t: ms(t), logId }, monotonicMs)
  return observed.change === 'advanced' ? observed.freshness : state
}
const changeOf = (state: Freshness, t: number, logId: LogId): string =>
  observeClosedTime(state, { t: ms(t), logId }, 0).change
const staleness = (state: Freshness, now: number, monotonicMs = 0): number =>
  stalenessMs(state, { now: ms(now), monotonicMs, maxClockErrorMs: error })
const caughtUp = (state: Freshness): Freshness => ({ ...state, caughtUp: true })
const fresh = caughtUp(after(noFreshness, t0))

claims('freshness', {
  'nothing is fresh before a closed time came and the log was read': () => {
    assert.is(staleness(caughtUp(noFreshness), t0), Number.POSITIVE_INFINITY)
    assert.is(staleness(after(noFreshness, t0), t0), Number.POSITIVE_INFINITY)
    assert.is(staleness(fresh, t0), error)
  },
  'staleness is the age of the closed time plus the clock error': () => {
    assert.is(staleness(fresh, t0 + 4_000), 5_000)
  },
  'staleness is never less than the monotonic time since it came': () => {
    assert.is(staleness(fresh, t0 - 500, 9_000), 9_000)
    assert.is(staleness(fresh, t0 + 100, 9_000), 9_000)
  },
  'a closed time a little ahead is past; one further ahead proves nothing': () => {
    assert.is(staleness(fresh, t0 - error), error)
    assert.is(staleness(fresh, t0 - error - 1), Number.POSITIVE_INFINITY)
    const moment = { monotonicMs: 0, maxClockErrorMs: error }
    assert.is(isAhead(fresh, { ...moment, now: ms(t0 - error) }), false)
    assert.is(isAhead(fresh, { ...moment, now: ms(t0 - error - 1) }), true)
  },
  'a repeated or older closed time renews nothing': () => {
    assert.is(changeOf(fresh, t0, logA), 'ignored')
    assert.is(changeOf(fresh, t0 - 1, logA), 'ignored')
    assert.is(changeOf(fresh, t0 - 1, logB), 'ignored')
    assert.is(staleness(after(fresh, t0, logA, 7_000), t0, 8_000), 8_000)
  },
  'a newer one under another id is another log, once the history is read': () => {
    assert.is(changeOf(fresh, t0 + 1, logB), 'other_log')
    const reading = after(after(noFreshness, t0), t0 + 1, logB)
    assert.equal([reading.logId, reading.closed], [logB, t0 + 1])
  },
  'after an unreadable record closed time stands still': () => {
    const blocked = { ...fresh, blockedAt: 7 }
    assert.is(changeOf(blocked, t0 + 5_000, logA), 'ignored')
    assert.is(staleness(blocked, t0 + 5_000), 6_000)
  },
  'the guard’s now is never earlier than its closed time': () => {
    assert.is(guardNow(fresh, ms(t0 - 400)), t0)
    assert.is(guardNow(fresh, ms(t0 + 400)), t0 + 400)
    assert.is(guardNow(noFreshness, ms(5)), 5)
  },
})
