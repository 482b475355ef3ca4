import { indexedRecords, readRecords } from '../../../services/auditor/indexing/indexed-records.ts'
import type { Asking } from '../../../services/gateway/audit/index.ts'
import { openMemoryAuditIndex } from '../../../shared/adapters/memory/audit-index.ts'
import { auditTerms } from '../../../shared/events/audit-terms.ts'
import type { AuthEvent } from '../../../shared/events/event.ts'
import { encodeEvent, signed } from '../../../shared/events/event-codec.ts'
import type { EventCheck } from '../../../shared/events/event-mac.ts'
import type { EpochMs, EventId } from '../../../shared/kernel/ids.ts'
import type { AuditIndex } from '../../../shared/ports/audit-index.ts'
import { anEventCheck, source } from '../fakes/builders.ts'
import { memoryPrivacy } from '../fakes/memory-privacy.ts'

/** An event with its envelope, as a test tells it. */
export type Told = Readonly<{ id: string; at: number; event: AuthEvent; request?: string }>

export type AskedIndex = Asking &
  Readonly<{ index: AuditIndex; tell: (...told: readonly Told[]) => Promise<void> }>

/** What asks for events that the test tells, in a lane of an index. */
export const askedIndex = async (
  index: AuditIndex = openMemoryAuditIndex(),
  events: EventCheck = anEventCheck(),
  terms = auditTerms,
): Promise<AskedIndex> => {
  const { lane } = await index.openLane(0, terms)
  let next = 0
  const tell = async (...told: readonly Told[]): Promise<void> => {
    const records = told.map(({ id, at, ...rest }, nth) => {
      const recorded = { ...rest, id: id as EventId, at: at as EpochMs }
      const record = signed(events.ring, encodeEvent(source, recorded))
      return { ...record, partition: 0, offset: next + nth }
    })
    next += told.length
    const lastId = told.at(-1)?.id ?? null
    await index.add({ lane, events: indexedRecords(readRecords(events, records)), next, lastId })
  }
  return { index, events, privacy: memoryPrivacy(), tell }
}
