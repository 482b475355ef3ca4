import { logRevocationFeed } from '../../../../shared/adapters/log-feed/revocation-feed.ts'
import type { RawRecord } from '../../../../shared/events/log-record.ts'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import type { EpochMs, LogId } from '../../../../shared/kernel/ids.ts'
import { heardSink } from '../../../contracts/revocation-feed.ts'
import {
  aClosedTimeRecord,
  aLogId,
  aRevocationRecord,
  aRing,
  aSid,
} from '../../../support/fakes/builders.ts'
import { fakeClock } from '../../../support/fakes/fake-clock.ts'
import { handFedLog, rawAt } from '../../../support/fakes/hand-fed-log.ts'
import { assert, claims } from '../../../support/suite.ts'

const ring = aRing()

const revoked = (offset: number): RawRecord => rawAt(offset, aRevocationRecord(ring, aSid()))
const closed = (offset: number, logId: LogId, t = offset * 1000): RawRecord =>
  rawAt(offset, aClosedTimeRecord(ring, t as EpochMs, logId))

const opened = async (start: number, end: number) => {
  const fake = handFedLog()
  Object.assign(fake.state, { start, end })
  const clock = fakeClock()
  const sink = heardSink()
  const feed = logRevocationFeed(fake.log, ring, clock)
  await feed.open(sink)
  return { ...fake, clock, sink, feed }
}

const offsets = (sink: ReturnType<typeof heardSink>): number[] =>
  sink.items.map(({ offset }) => offset)

claims('the revocation feed over a log', {
  'it reads from the start, alone, and has caught up at the end noted when it opened': async () => {
    const { deliver, latest, sink } = await opened(4, 8)
    const { group, topics } = latest().options
    assert.equal([group, topics, latest().from], [null, ['auth.revocations'], 4])
    await deliver([revoked(4), revoked(5)], 9)
    assert.equal(sink.caughtUp, [])
    await deliver([revoked(6), revoked(7)], 9)
    assert.equal(sink.caughtUp, [4])
    await deliver([revoked(8)])
    assert.equal(sink.caughtUp, [4])
    assert.equal(offsets(sink), [4, 5, 6, 7, 8])
  },

  'an empty log, also one that forgot all it had, is caught up with at once': async () => {
    assert.equal((await opened(0, 0)).sink.caughtUp, [0])
    assert.equal((await opened(7, 7)).sink.caughtUp, [0])
  },

  'closed times that the log left out are no gap, between batches and inside': async () => {
    const { deliver, sink, readings } = await opened(0, 0)
    await deliver([revoked(0), revoked(3)])
    await deliver([revoked(9)])
    assert.equal([sink.resets, offsets(sink), readings.length], [[], [0, 3, 9], 1])
  },

  'a start above the next offset may have taken revocations: forget, begin anew': async () => {
    const { deliver, sink, state, readings, latest, clock } = await opened(0, 2)
    await deliver([revoked(0), revoked(1)])
    const old = latest()
    state.start = 5
    await deliver([revoked(6)], 7)
    assert.is(sink.resets.length, 1)
    assert.equal(sink.items, [])
    await clock.advance(0)
    assert.is(old.stopped(), true)
    assert.equal([readings.length, latest().from], [2, 5])
    await deliver([revoked(6)], 7, old)
    assert.equal(sink.items, [], 'an old reading is not heard any more')
    await deliver([revoked(5), revoked(6)])
    assert.equal(
      [offsets(sink), sink.caughtUp],
      [
        [5, 6],
        [2, 2],
      ],
    )
  },

  'a start that moved up to what comes next took nothing that was not told': async () => {
    const { deliver, sink, state } = await opened(0, 2)
    await deliver([revoked(0), revoked(1)])
    state.start = 2
    await deliver([revoked(4)])
    assert.equal([sink.resets, offsets(sink)], [[], [0, 1, 4]])
  },

  'an end below what was read is another log: begin anew': async () => {
    const { deliver, sink, state, clock, latest } = await opened(0, 5)
    await deliver([0, 1, 2, 3, 4].map(revoked))
    await deliver([revoked(0)], 1)
    assert.is(sink.resets.length, 1)
    await clock.advance(0)
    assert.is(latest().from, state.start)
    await deliver([revoked(0)], 1)
    assert.equal(offsets(sink), [0])
  },

  'closed times of another identity begin anew, once, though history names both': async () => {
    const [first, second] = [aLogId(), aLogId()]
    const { deliver, sink, clock, readings } = await opened(0, 2)
    await deliver([revoked(0), closed(1, first)])
    await deliver([revoked(2), closed(3, second)])
    assert.equal([sink.resets.length, sink.items.length], [1, 0])
    await clock.advance(0)
    assert.is(readings.length, 2)
    await deliver([revoked(0), closed(1, first), revoked(2), closed(3, second)])
    await deliver([closed(4, first), closed(5, second)])
    assert.is(sink.resets.length, 1)
    assert.equal(offsets(sink), [0, 2, 3, 5], 'what the old identity closed is left out')
    assert.equal(sink.caughtUp, [2, 3])
  },

  'a forged closed time names no identity': async () => {
    const { deliver, sink } = await opened(0, 0)
    const forged = closed(1, aLogId())
    const headers = { ...forged.headers, 'curfew-mac': 'k1.AAAA' }
    await deliver([closed(0, aLogId()), { ...forged, headers }])
    assert.equal([sink.resets, sink.items.map(({ kind }) => kind)], [[], ['closed', 'forged']])
  },

  'a batch that the log repeats is told again': async () => {
    const { deliver, sink } = await opened(0, 0)
    await deliver([revoked(0), revoked(1)])
    await deliver([revoked(1), revoked(2)])
    assert.equal([sink.resets, offsets(sink)], [[], [0, 1, 1, 2]])
  },

  'while the log does not say its bounds, a gap is neither told nor passed over': async () => {
    const { deliver, sink, state } = await opened(0, 0)
    await deliver([revoked(0)])
    state.isDown = true
    const failure = await deliver([revoked(4)]).catch((error: unknown) => error)
    assert.instance(failure, AuthError)
    assert.equal(offsets(sink), [0])
    state.isDown = false
    await deliver([revoked(4)])
    assert.equal([sink.resets, offsets(sink)], [[], [0, 4]])
  },

  'beginning anew is tried until the log answers': async () => {
    const { deliver, sink, state, clock, readings } = await opened(0, 5)
    await deliver([0, 1, 2, 3, 4].map(revoked))
    state.isDown = true
    await deliver([revoked(0)], 1)
    await clock.advance(0)
    assert.equal([sink.troubles.length, readings.length], [1, 1])
    await clock.advance(500)
    assert.equal([sink.troubles.length, readings.length], [2, 1])
    state.isDown = false
    await clock.advance(500)
    assert.is(readings.length, 2)
  },

  'opening rejects when the log does not answer': async () => {
    const { log, state } = handFedLog()
    state.isDown = true
    const feed = logRevocationFeed(log, ring, fakeClock())
    const failure = await feed.open(heardSink()).catch((error: unknown) => error)
    assert.instance(failure, AuthError)
    await feed.close()
  },

  'closing stops the reading, also while it tries to begin anew': async () => {
    const one = await opened(0, 0)
    await one.feed.close()
    assert.is(one.latest().stopped(), true)
    await one.deliver([revoked(0)])
    assert.equal(one.sink.items, [])
    const other = await opened(0, 5)
    await other.deliver([0, 1, 2, 3, 4].map(revoked))
    other.state.isDown = true
    await other.deliver([revoked(0)], 1)
    await other.clock.advance(0)
    await other.feed.close()
    assert.is(other.clock.sleeping(), 0)
  },

  'a feed that was closed may be opened again, and begins at the start': async () => {
    const [first, second] = [aLogId(), aLogId()]
    const { deliver, feed, latest, readings } = await opened(0, 0)
    await deliver([revoked(0), closed(1, first)])
    await feed.close()
    const sink = heardSink()
    await feed.open(sink)
    assert.equal([readings.length, latest().from], [2, 0])
    await deliver([revoked(0), closed(1, first), revoked(2)])
    assert.equal([sink.resets, offsets(sink), sink.caughtUp], [[], [0, 1, 2], [3]])
    await deliver([closed(3, second)])
    assert.is(sink.resets.length, 1)
    await feed.close()
  },
})
