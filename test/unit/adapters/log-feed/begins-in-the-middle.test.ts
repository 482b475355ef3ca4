import { scoutAbove } from '../../../../shared/adapters/log-feed/log-scan.ts'
import { logRevocationFeed } from '../../../../shared/adapters/log-feed/revocation-feed.ts'
import { openMemoryEventLog } from '../../../../shared/adapters/memory/event-log.ts'
import { encodeClosedTime } from '../../../../shared/events/event-codec.ts'
import type { LogRecord } from '../../../../shared/events/log-record.ts'
import { macHeader, signRecord } from '../../../../shared/events/record-mac.ts'
import type { EpochMs } from '../../../../shared/kernel/ids.ts'
import type { EventLog } from '../../../../shared/ports/event-log.ts'
import { heardSink } from '../../../contracts/revocation-feed.ts'
import { aLogId, aRevocationRecord, aRing, aSid, source } from '../../../support/fakes/builders.ts'
import { prunableLog } from '../../../support/fakes/prunable-log.ts'
import { assert, claims } from '../../../support/suite.ts'
import { until } from '../../../support/until.ts'

const ring = aRing()
const logId = aLogId()
const closedAt = (t: number, low: number): LogRecord =>
  encodeClosedTime(source, ring, { t: t as EpochMs, logId, low })

/** As a gateway of version 0.1.0 closes time. */
const olderClosedTime = (t: number): LogRecord => {
  const { headers, ...record } = closedAt(t, 0)
  const older = {
    ...record,
    headers: { ...headers, ce_dataschema: 'urn:curfew:schema:curfew.ClosedTime:1' },
    value: JSON.stringify({ t, logId }),
  }
  return { ...older, headers: { ...older.headers, [macHeader]: signRecord(ring, older) } }
}

/** `count` closed times, and `revoked` before the last `after` of them. */
const filled = async (log: EventLog, count: number, revoked: string, after: number) => {
  // One record over and over: only the newest closed times are looked at.
  const old = closedAt(1, 0)
  await log.publish(Array.from({ length: count - after }, () => old))
  const low = count - after
  await log.publish([aRevocationRecord(ring, aSid()), aRevocationRecord(ring, aSid())])
  await log.publish([{ ...aRevocationRecord(ring, aSid()), key: revoked }])
  await log.publish(Array.from({ length: after }, (_, index) => closedAt(2 + index, low)))
  return low
}

const opened = async (log: EventLog) => {
  const sink = heardSink()
  const feed = logRevocationFeed(log, ring)
  await feed.open(sink)
  await until('it has caught up', () => sink.caughtUp.length > 0)
  return { sink, feed }
}

claims('a reader of a long log', {
  'it begins where the newest closed time allows, and tells all from there': async () => {
    const log = openMemoryEventLog()
    const low = await filled(log, scoutAbove + 500, 'sid:x', 40)
    const { sink, feed } = await opened(log)
    const began = sink.items[0]?.offset ?? 0
    assert.ok(began > 0 && began <= low, `it began at ${began}`)
    assert.is(sink.items.length, low + 43 - began)
    assert.equal(sink.resets, [])
    await feed.close()
  },

  'a shorter log is read from its start': async () => {
    const log = openMemoryEventLog()
    await filled(log, 500, 'sid:x', 40)
    const { sink, feed } = await opened(log)
    assert.is(sink.items[0]?.offset, 0)
    await feed.close()
  },

  'without a closed time near the end it is read from its start': async () => {
    const log = openMemoryEventLog()
    await log.publish([closedAt(1, 0)])
    const record = aRevocationRecord(ring, aSid())
    await log.publish(Array.from({ length: scoutAbove + 2_000 }, () => record))
    const { sink, feed } = await opened(log)
    assert.is(sink.items[0]?.offset, 0)
    await feed.close()
  },

  'a low mark below the start of the log: it begins at the start, and is not covered': async () => {
    const { log, prune } = prunableLog()
    const low = await filled(log, scoutAbove + 500, 'sid:x', 40)
    prune(low + 2)
    const { sink, feed } = await opened(log)
    assert.is(sink.items[0]?.offset, low + 2)
    assert.ok(
      sink.items.every(({ kind }) => kind !== 'closed'),
      'no closed time counts',
    )
    assert.ok(sink.items.some(({ kind }) => kind === 'uncovered'))
    await feed.close()
  },

  'without a low mark in the newest closed time it is read from its start': async () => {
    const log = openMemoryEventLog()
    await filled(log, scoutAbove + 500, 'sid:x', 40)
    await log.publish([olderClosedTime(999)])
    const { sink, feed } = await opened(log)
    assert.is(sink.items[0]?.offset, 0)
    assert.is(sink.items.at(-1)?.kind, 'closed')
    await feed.close()
  },

  'a closed time without a low mark counts for nobody who began in the middle': async () => {
    const log = openMemoryEventLog()
    await filled(log, scoutAbove + 500, 'sid:x', 40)
    const { sink, feed } = await opened(log)
    await log.publish([olderClosedTime(999)])
    await until('it is told', () => sink.items.at(-1)?.kind === 'uncovered')
    assert.equal(sink.resets, [])
    await feed.close()
  },
})
