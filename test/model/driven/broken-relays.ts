import type { Publisher } from '../../../services/gateway/publication/publisher.ts'
import { encodeClosedTime } from '../../../shared/events/event-codec.ts'
import { readRevocationRecord } from '../../../shared/events/read-revocation-record.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import { aRing, source } from '../../support/fakes/builders.ts'
import { replacing } from '../../support/fakes/faulty-stores.ts'
import type { Part, Place } from './fleet.ts'

const ring = aRing()

/** Every reader believes it, wherever it began. */
export const withoutLowMark: Part<'log'> = (log, { actor }) =>
  actor.kind === 'relay' ? relabelled(log, Number.MAX_SAFE_INTEGER) : log

const relabelled = (log: EventLog, low: number): EventLog => ({
  ...log,
  publish: (records) =>
    log.publish(
      records.map((record) => {
        const value = Buffer.from(record.value)
        const raw = { ...record, partition: 0, offset: 0, key: Buffer.from(record.key), value }
        const item = readRevocationRecord(ring, raw)
        return item.kind === 'closed'
          ? encodeClosedTime(source, ring, { ...item.closed, low })
          : record
      }),
    ),
})

/** Nothing below the log's start is told again. */
export const neverTold: Part<'store'> = (store) => ({
  ...store,
  relayScan: (limit) => store.relayScan(limit, 0),
})

/** A run goes on whatever became of what it published. */
export const whateverWasPublished: Part<'publisher'> = (publisher) =>
  replacing<Publisher>(publisher, {
    relayRevocations: (...given) => publisher.relayRevocations(...given).catch(() => []),
  })

/** A run does not wait for what it published. */
export const publishedBehind: Part<'publisher'> = (publisher) =>
  replacing<Publisher>(publisher, {
    relayRevocations: async (...given) => {
      publisher.relayRevocations(...given).catch(() => {})
      return []
    },
  })

/** A relay that takes its own host's clock, which is ahead. */
export const tickAhead =
  (ms: number): Part<'store'> =>
  (store, { actor }: Place) =>
    actor.kind !== 'relay'
      ? store
      : {
          ...store,
          relayScan: async (...given) => {
            const scan = await store.relayScan(...given)
            return { ...scan, tick: { ...scan.tick, t: (scan.tick.t + ms) as EpochMs } }
          },
        }
