import type { RawRecord } from '../../../shared/events/log-record.ts'
import { hasValidMac, type MacRing } from '../../../shared/events/record-mac.ts'

/**
 * How readers of version 0.1.0 read a record of `auth.revocations`, as that version's code did: it
 * stays as it is, whatever today's does.
 */
export const olderReading = (
  ring: MacRing,
  { headers, topic, key, value }: RawRecord,
): Readonly<{ kind: string; t?: number; logId?: string }> => {
  const text = value?.toString('utf8') ?? ''
  const covered = { topic, key: key?.toString('utf8') ?? '', headers, value: text }
  if (!hasValidMac(ring, covered)) return { kind: 'forged' }
  if (headers['ce_type'] !== 'curfew.ClosedTime') return { kind: 'another' }
  const { t, logId } = JSON.parse(text) as Readonly<Record<string, unknown>>
  return Number.isSafeInteger(t) && typeof logId === 'string' && /^[0-9a-f]{32}$/.test(logId)
    ? { kind: 'closed', t: t as number, logId }
    : { kind: 'unreadable' }
}
