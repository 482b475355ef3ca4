import { carryDecoded } from '../events/decoded-record-cache.ts'
import type { LogRecord, RawRecord } from '../events/log-record.ts'
import type { EventLog, LogBatch } from '../ports/event-log.ts'
import { type TraceParent, traceHeader, traceParentText } from './trace-parent.ts'
import type { Tracing } from './tracing.ts'

/**
 * The record with a header that says whose trace it is of. The MAC is over `ce_` headers, so it
 * stays good, and a reader believes nothing of this one.
 */
export const withTrace = (record: LogRecord, parent: TraceParent): LogRecord => {
  const headers = { ...record.headers, [traceHeader]: traceParentText(parent) }
  const traced = { ...record, headers }
  carryDecoded(record, traced)
  return traced
}

/** The commit that a record is of: an event's id is `stream:version:index`. */
const commitOf = ({ headers }: LogRecord): string => {
  const id = headers['ce_id'] ?? ''
  return id.slice(0, Math.max(id.lastIndexOf(':'), 0))
}

const carriersIn = ({ records }: LogBatch): string[] =>
  records.flatMap(({ headers }: RawRecord) => headers[traceHeader] ?? [])

/** Publishes `records` in a span of each commit among them whose trace is known. */
const publishTraced = async (
  log: EventLog,
  tracing: Tracing,
  records: readonly LogRecord[],
): Promise<readonly number[]> => {
  const known = [...new Set(records.map(commitOf))].flatMap((commit) => {
    const parent = tracing.of(commit)
    return parent ? [{ commit, parent }] : []
  })
  if (known.length === 0) return log.publish(records)
  const parents = known.map(({ parent }) => parent)
  const offsets = await tracing.among({ name: 'publish', kind: 'producer' }, parents, (owns) => {
    const ownOf = new Map(known.map(({ commit }, index) => [commit, owns[index]]))
    return log.publish(
      records.map((record) => {
        const own = ownOf.get(commitOf(record))
        return own ? withTrace(record, own) : record
      }),
    )
  })
  for (const { commit } of known) tracing.forget(commit)
  return offsets
}

/**
 * What is published names the trace that it is of, and what is read is a span in that trace. The
 * same log where nobody traces.
 */
export const tracedLog = (log: EventLog, tracing: Tracing | null): EventLog => {
  if (tracing === null) return log
  return {
    ...log,
    publish: (records) => publishTraced(log, tracing, records),
    follow: (options) =>
      log.follow({
        ...options,
        onBatch: (batch, goOnAt) => {
          const { topic, partition } = batch
          const attributes = {
            'messaging.destination.name': topic,
            'messaging.destination.partition.id': String(partition),
          }
          const what = { name: `process ${topic}`, kind: 'consumer', attributes } as const
          return tracing.following(what, carriersIn(batch), () => options.onBatch(batch, goOnAt))
        },
      }),
  }
}
