import type { Clock } from '../../../shared/kernel/clock.ts'
import type { AuditIndex } from '../../../shared/ports/audit-index.ts'
import type { TrailHeads } from '../../../shared/ports/trail-heads.ts'
import { cachedHeads } from '../../../shared/trail-heads/cached-heads.ts'
import { remoteHeads } from '../../../shared/trail-heads/remote-heads.ts'
import { AuditReadRecorder } from './audit-read-recorder.ts'
import type { Asking } from './read-events.ts'
import { TailReaders } from './tail-readers.ts'

type WholeAsking = Asking & Readonly<{ index: AuditIndex }>

/** What answers the questions of auditors, and of people about themselves. */
export type Auditing = WholeAsking &
  Readonly<{ role: string; readings: AuditReadRecorder; tails: TailReaders }>

export const openAsking = (
  { auditRole: role }: Readonly<{ auditRole: string }>,
  asking: WholeAsking,
): Auditing => ({ ...asking, role, readings: new AuditReadRecorder(), tails: new TailReaders() })

type Parts = Readonly<{
  /** The heads of a trail on this machine. */
  trailHeads?: TrailHeads | null
  clock: Clock
}>

/** The heads that this gateway shows: those of the auditor that it is told of, else its own. */
export const openHeads = (
  { auditorUrl }: Readonly<{ auditorUrl: URL | null }>,
  { trailHeads = null, clock }: Parts,
): TrailHeads | null => {
  if (auditorUrl === null) return trailHeads && cachedHeads(trailHeads, clock)
  const url = new URL(`${auditorUrl.pathname.replace(/\/$/, '')}/audit/head`, auditorUrl)
  return cachedHeads(remoteHeads(url, { fetch: globalThis.fetch, clock }), clock)
}
