import { Writable } from 'node:stream'
import fc from 'fast-check'
import { FeedConnection } from '../../../services/projector/feed/feed-connection.ts'
import { FeedHub } from '../../../services/projector/feed/feed-hub.ts'
import type { RevocationItem } from '../../../shared/events/revocation-record.ts'
import type { EventId } from '../../../shared/kernel/ids.ts'
import { silentLogger as logger } from '../../../shared/kernel/logger.ts'
import { aSid } from '../../support/fakes/builders.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { aRevocation, fakeFeed } from '../../support/fakes/fake-feed.ts'
import { assert, claims } from '../../support/suite.ts'

const seed = 20_261_201
const times = { heartbeatMs: 1_000, patienceMs: 5_000 }

const revoked = (offset: number): RevocationItem => {
  const key = `sid:${aSid()}` as const
  return { kind: 'revocation', id: `${key}:1` as EventId, offset, revocation: aRevocation(key) }
}
/** Of another fleet: the hub hears of it, and no reader is told. */
const foreign = (offset: number): RevocationItem => ({ kind: 'foreign', offset, fleet: 'other' })

/** A reader at a hub that has caught up, and the instants at which it was sent something. */
const openReader = async () => {
  const feed = fakeFeed()
  const clock = fakeClock()
  const hub = new FeedHub({ feed, clock, logger })
  hub.start()
  feed.closeTime(clock.now())
  feed.caughtUp()
  const startMs = clock.monotonicMs()
  const sent: { atMs: number; type: string }[] = []
  const out = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      const type = /^event: (\w+)/.exec(chunk.toString())?.[1] ?? ''
      sent.push({ atMs: clock.monotonicMs() - startMs, type })
      done()
    },
  })
  const leaving = new AbortController()
  const { signal } = leaving
  const running = new FeedConnection({ hub, clock, out, lastEventId: '', times, signal }).run()
  await clock.advance(1)
  const beats = (): number[] => sent.flatMap(({ atMs, type }) => (type === 'beat' ? [atMs] : []))
  return { clock, feed, hub, sent, beats, leave: () => leaving.abort(), running }
}

claims('heartbeats of the feed', {
  'one comes when nothing was sent for a heartbeat, and each time again': async () => {
    const { clock, beats, leave, running } = await openReader()
    await clock.advance(3_500)
    assert.equal(beats(), [1_000, 2_000, 3_000])
    leave()
    assert.is(await running, 'left')
  },
  'whatever comes and when, a reader is sent something once a heartbeat, and no beat sooner':
    async () => {
      const step = fc.record({
        afterMs: fc.integer({ min: 1, max: 1_400 }),
        what: fc.constantFrom(revoked, foreign),
      })
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
          const { clock, feed, sent, leave, running } = await openReader()
          for (const [index, { afterMs, what }] of steps.entries()) {
            await clock.advance(afterMs)
            feed.tell(what(index + 1))
          }
          await clock.advance(times.heartbeatMs)
          for (const [index, { atMs, type }] of sent.entries()) {
            const sinceMs = atMs - (sent[index - 1]?.atMs ?? atMs)
            assert.ok(sinceMs <= times.heartbeatMs, `nothing for ${sinceMs} ms`)
            if (type === 'beat') assert.is(sinceMs, times.heartbeatMs)
          }
          const told = sent.filter(({ type }) => type === 'revocations').length
          assert.is(told, steps.filter(({ what }) => what === revoked).length)
          leave()
          assert.is(await running, 'left')
        }),
        { seed, numRuns: 60 },
      )
    },
  'a reader that waits costs one timer, and one that left none': async () => {
    const { clock, feed, leave, running } = await openReader()
    for (let offset = 1; offset < 20; offset += 1) {
      feed.tell(revoked(offset))
      await clock.advance(1)
      assert.is(clock.sleeping(), 1)
    }
    leave()
    await running
    assert.is(clock.sleeping(), 0)
  },
  'a log that changes ends a reader that waits': async () => {
    const { feed, clock, running } = await openReader()
    feed.reset()
    await clock.advance(1)
    assert.is(await running, 'log_changed')
    assert.is(clock.sleeping(), 0)
  },
})
