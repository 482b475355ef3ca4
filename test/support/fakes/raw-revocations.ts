import type { RawRecord } from '../../../shared/events/log-record.ts'
import type { EpochMs, LogId } from '../../../shared/kernel/ids.ts'
import { aClosedTimeRecord, aRevocationRecord, type aRing, aSid } from './builders.ts'
import { rawAt } from './hand-fed-log.ts'

/** Records of `auth.revocations` as they are read at an offset, signed with `ring`. */
export const rawRevocations = (ring: ReturnType<typeof aRing>) => ({
  revoked: (offset: number, sid = aSid()): RawRecord => rawAt(offset, aRevocationRecord(ring, sid)),
  closed: (offset: number, logId: LogId, t = 1_000 * offset): RawRecord =>
    rawAt(offset, aClosedTimeRecord(ring, t as EpochMs, logId)),
})
