import type { LogRecord } from '../../shared/events/log-record.ts'
import type { MacRing } from '../../shared/events/record-mac.ts'
import type { RevocationItem } from '../../shared/events/revocation-record.ts'
import type { EpochMs } from '../../shared/kernel/ids.ts'
import type { FeedSink, RevocationFeed } from '../../shared/ports/revocation-feed.ts'
import { contract } from '../support/contract.ts'
import { aClosedTimeRecord, aLogId, aRevocationRecord, aSid } from '../support/fakes/builders.ts'
import { assert } from '../support/suite.ts'
import { until } from '../support/until.ts'

/** A feed, and a way to write what it reads. */
export type FeedUnderTest = Readonly<{
  feed: RevocationFeed
  ring: MacRing
  publish(records: readonly LogRecord[]): Promise<unknown>
  close(): Promise<void>
}>

export type HeardSink = FeedSink &
  Readonly<{
    items: RevocationItem[]
    resets: string[]
    /** What was told at each `onCaughtUp`. */
    caughtUp: number[]
    troubles: Error[]
    keys(): string[]
  }>

/** Keeps all that a feed tells; a reset forgets the items, as a guard must. */
export const heardSink = (): HeardSink => {
  const items: RevocationItem[] = []
  const resets: string[] = []
  const caughtUp: number[] = []
  const troubles: Error[] = []
  return {
    items,
    resets,
    caughtUp,
    troubles,
    keys: () =>
      items.flatMap((item) => (item.kind === 'revocation' ? [item.revocation.key as string] : [])),
    onItems: (told) => void items.push(...told),
    onReset: (reason) => {
      resets.push(reason)
      items.length = 0
    },
    onCaughtUp: () => void caughtUp.push(items.length),
    onTrouble: (error) => void troubles.push(error),
  }
}

const keyOf = (record: LogRecord): string => record.key
const hears = (sink: HeardSink, records: readonly LogRecord[]): Promise<void> =>
  until('the revocations are told', () => {
    const keys = new Set(sink.keys())
    return records.every((record) => keys.has(record.key))
  })

export const revocationFeedContract = contract<FeedUnderTest>('revocation feed', {
  'an empty log is caught up with at once': async ({ feed }) => {
    const sink = heardSink()
    await feed.open(sink)
    await until('caught up', () => sink.caughtUp.length > 0)
    assert.equal(sink.caughtUp, [0])
    assert.equal(sink.items, [])
  },

  'what lay in the log is told before the feed says that it caught up': async (world) => {
    const { feed, ring, publish } = world
    const records = Array.from({ length: 40 }, () => aRevocationRecord(ring))
    await publish(records)
    const sink = heardSink()
    await feed.open(sink)
    await until('caught up', () => sink.caughtUp.length > 0)
    assert.ok((sink.caughtUp[0] ?? 0) >= 40)
    assert.equal(sink.keys(), records.map(keyOf))
  },

  'what comes is told in the order of the log, closed times too': async (world) => {
    const { feed, ring, publish } = world
    const sink = heardSink()
    await feed.open(sink)
    const logId = aLogId()
    const first = aRevocationRecord(ring)
    const second = aRevocationRecord(ring)
    await publish([first])
    await publish([aClosedTimeRecord(ring, 5000 as EpochMs, logId)])
    await publish([second])
    await hears(sink, [first, second])
    assert.equal(
      sink.items.map(({ kind }) => kind),
      ['revocation', 'closed', 'revocation'],
    )
    const offsets = sink.items.map(({ offset }) => offset)
    assert.equal(
      offsets,
      [...offsets].sort((a, b) => a - b),
    )
    assert.equal(sink.resets, [])
  },

  'a record with a bad MAC is told as forged, never as a revocation': async (world) => {
    const { feed, ring, publish } = world
    const sid = aSid()
    const record = aRevocationRecord(ring, sid)
    const good = aRevocationRecord(ring)
    await publish([{ ...record, headers: { ...record.headers, 'curfew-mac': 'k1.AAAA' } }])
    await publish([good])
    const sink = heardSink()
    await feed.open(sink)
    await hears(sink, [good])
    assert.equal(sink.keys(), [good.key])
    assert.ok(sink.items.some(({ kind }) => kind === 'forged'))
  },

  'after close nothing is told': async (world) => {
    const { feed, ring, publish } = world
    const sink = heardSink()
    await feed.open(sink)
    const first = aRevocationRecord(ring)
    await publish([first])
    await hears(sink, [first])
    await feed.close()
    const told = sink.items.length
    await publish([aRevocationRecord(ring)])
    await new Promise<void>((resolve) => setImmediate(resolve))
    assert.is(sink.items.length, told)
  },

  'a feed that was closed may be opened again, and tells all from the start': async (world) => {
    const { feed, ring, publish } = world
    const records = [aRevocationRecord(ring), aRevocationRecord(ring)]
    await publish(records)
    const first = heardSink()
    await feed.open(first)
    await hears(first, records)
    await feed.close()
    const again = heardSink()
    await feed.open(again)
    await hears(again, records)
    await until('caught up', () => again.caughtUp.length > 0)
    assert.equal(again.keys(), records.map(keyOf))
  },
})
