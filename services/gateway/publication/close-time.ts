import { encodeClosedTime } from '../../../shared/events/event-codec.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { EventStore, RelayScan, RelayState } from '../../../shared/ports/event-store.ts'
import type { Encoder } from './commit-records.ts'
import type { LogBounds, LogIdentity } from './log-identity.ts'
import type { PublishedAt } from './publish-queue.ts'

/** What the relay read from the store, and the bounds of the log before it read. */
export type StoreScan = RelayScan & Readonly<{ bounds: LogBounds | null }>

type CloseDeps = Readonly<{
  store: EventStore
  log: EventLog
  identity: LogIdentity
  encoder: Encoder
}>

/**
 * Whether a gateway has closed time within half a tick. One closed time a tick is enough for all
 * gateways together, since every guard that starts later reads each of them.
 */
export const wasJustClosed = ({ t, closed }: RelayState, tickMs: number): boolean =>
  t - closed < tickMs / 2

/**
 * The low mark: the offset at which, at the latest, a reader must have begun to know every
 * revocation in force. It is the lowest of three: those that were published when the store was
 * scanned, those that this run published, and the log's end as it was before the scan, above which
 * the log takes everything that comes later.
 */
const lowMark = ({ low }: StoreScan, { end }: LogBounds, places: readonly PublishedAt[]): number =>
  Math.min(end, low ?? end, ...places.map(({ offset }) => offset ?? end))

/**
 * Publishes a closed time with the instant of the tick. It must land above everything that was
 * acknowledged. A topic that was made again without failing a request is found out by the offset of
 * this record; then `closed` is not noted in the store.
 * Answers the instant that was closed, or `null` if the log may be another one than was scanned.
 */
export const closeTime = async (
  { log, store, encoder, identity }: CloseDeps,
  scan: StoreScan,
  places: readonly PublishedAt[],
): Promise<EpochMs | null> => {
  const { t, acknowledged, logId } = scan.tick
  const bounds = await identity.readBounds()
  if (logId === null || scan.bounds === null) return null
  const acknowledgedOffset = acknowledged ? acknowledged.offset : -1
  if (bounds.end <= acknowledgedOffset) return failShortLog(identity)
  // Offsets of two logs cannot be compared.
  if (places.some((at) => at.logId !== logId)) return null
  const low = Math.min(lowMark(scan, scan.bounds, places), bounds.end)
  const record = encodeClosedTime(encoder.source, encoder.ring, { t, logId, low })
  const [offset] = await log.publish([record])
  if ((offset ?? 0) <= acknowledgedOffset) return failShortLog(identity)
  await store.noteClosed(logId, t)
  return t
}

const failShortLog = (identity: LogIdentity): never => {
  identity.requireVerification()
  throw new AuthError('LOG_UNAVAILABLE', 'the log ends below what it acknowledged')
}
