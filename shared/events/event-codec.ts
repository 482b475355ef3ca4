import type { EpochMs, EventId } from '../kernel/ids.ts'
import { decodedEvents, decodedRevocations, type Recorded } from './decoded-record-cache.ts'
import { type AuthEvent, eventSchemas, type StoredEvent, type TokenRevoked } from './event.ts'
import { actorOf, actorText } from './event-actor.ts'
import { fleetHeader, otherFleetIn } from './fleet-header.ts'
import { type LogRecord, type RawRecord, type RawText, textOf } from './log-record.ts'
import { closedTimeType, revocationType } from './read-revocation-record.ts'
import { type MacRing, macHeader, signRecord } from './record-mac.ts'
import type { ClosedTime, Revocation } from './revocation-record.ts'
import { upcast } from './upcast.ts'

type Envelope = Readonly<{
  id: string
  type: string
  version: number
  source: string
  at: EpochMs
  subject: string | null
  fleet: string | undefined
  actor?: string | null
  request?: string | undefined
  personal?: string | undefined
}>

// CloudEvents 1.0.2, Kafka protocol binding, 3.2 (binary content mode).
const headersOf = ({
  id,
  type,
  version,
  source,
  at,
  subject,
  fleet,
  actor = null,
  request,
  personal,
}: Envelope): Record<string, string> => ({
  'content-type': 'application/json',
  ce_specversion: '1.0',
  ce_id: id,
  ce_type: type,
  ce_source: source,
  ce_time: new Date(at).toISOString(),
  ce_dataschema: `urn:curfew:schema:${type}:${version}`,
  ...(subject === null ? {} : { ce_subject: subject }),
  ...(fleet === undefined ? {} : { [fleetHeader]: fleet }),
  ...(actor === null ? {} : { ce_actor: actor }),
  ...(request === undefined ? {} : { ce_request: request }),
  ...(personal === undefined ? {} : { ce_personal: personal }),
})

const subjectOf = ({ data }: AuthEvent): string | null => ('sub' in data ? data.sub : null)

/**
 * One event as a record of `auth.events`, without its MAC; keyed by `sub`, so a person's events
 * keep one partition. Who caused it, by which request, and what is sealed of persons are attributes
 * of the envelope: readers that do not know them pass over them.
 */
export const encodeEvent = (
  source: string,
  { id, at, event, request, personal }: Recorded,
  fleet?: string,
): LogRecord & { readonly headers: Record<string, string> } => {
  const subject = subjectOf(event)
  const type = `curfew.${event.type}`
  const { version } = event
  const actor = actorText(actorOf(event))
  return {
    topic: 'auth.events',
    key: subject ?? 'nobody',
    headers: headersOf({
      ...{ id, type, version, source, at, subject, fleet, actor, request, personal },
    }),
    value: JSON.stringify(event.data),
  }
}

/**
 * What guards must learn from an event; `null` for all but revocations, and for rotated refresh
 * tokens.
 */
export const revocationOf = (event: AuthEvent): Revocation | null => {
  if (event.type !== 'TokenRevoked' || event.data.reason === 'rotated') return null
  const { key, cutoff, expiresAt, reason, revokedAt } = event.data
  return { key, cutoff, expiresAt, reason, revokedAt }
}

/** The same record with its MAC. The same key gives the same bytes, whoever publishes it. */
export const signed = (ring: MacRing, record: LogRecord): LogRecord => ({
  ...record,
  headers: { ...record.headers, [macHeader]: signRecord(ring, record) },
})

/** As `encodeEvent`, with its MAC. */
export const encodeSignedEvent = (source: string, ring: MacRing, recorded: Recorded): LogRecord => {
  const record = encodeEvent(source, recorded, ring.fleet)
  // Nobody else has the record yet; a copy of its headers took 1 µs of each.
  record.headers[macHeader] = signRecord(ring, record)
  decodedEvents.note(record, ring, recorded)
  return record
}

export const encodeRevocation = (
  source: string,
  ring: MacRing,
  recorded: Recorded & { event: TokenRevoked },
  revocation: Revocation,
): LogRecord => {
  const record = signed(ring, {
    topic: 'auth.revocations',
    key: revocation.key,
    headers: headersOf({
      id: recorded.id,
      type: revocationType,
      version: 1,
      source,
      at: recorded.at,
      subject: null,
      fleet: ring.fleet,
    }),
    value: JSON.stringify(revocation),
  })
  decodedRevocations.note(record, ring, { id: recorded.id, revocation })
  return record
}

/** What a gateway closes time with; `low` is known to it always. */
export type ClosingTime = ClosedTime & Readonly<{ low: number }>

export const encodeClosedTime = (source: string, ring: MacRing, closed: ClosingTime): LogRecord =>
  signed(ring, {
    topic: 'auth.revocations',
    key: 'closed',
    headers: headersOf({
      id: `closed:${closed.logId}:${closed.t}`,
      type: closedTimeType,
      // Readers of version 1 take it too: they pass over the member that they do not know.
      version: 2,
      source,
      at: closed.t,
      subject: null,
      fleet: ring.fleet,
    }),
    value: JSON.stringify(closed),
  })

export type Decoded =
  | Readonly<{
      ok: true
      id: EventId
      /** When its commit was made; `null` when the record does not say. */
      at: EpochMs | null
      event: AuthEvent
      request?: string
      personal?: string
    }>
  /**
   * `fleet`: another one on the same topic wrote it; it is nothing to park. `forged`: no gateway of
   * this fleet signed it.
   */
  | Readonly<{ ok: false; problem: string; fleet?: string; forged?: true }>

const parseJson = (value: RawText | null): unknown => {
  try {
    return JSON.parse(textOf(value))
  } catch {
    return undefined
  }
}

const instantIn = (text: string | undefined): EpochMs | null => {
  const at = Date.parse(text ?? '')
  return at >= 0 ? (at as EpochMs) : null
}

const knownSchemas = new Map(
  Object.entries(eventSchemas).flatMap(([type, versions]) =>
    Object.entries(versions).map(([version, schema]) => [
      `urn:curfew:schema:curfew.${type}:${version}`,
      { type, version: Number(version), schema },
    ]),
  ),
)

const unknownSchema = (given: string): string => {
  const match = /^urn:curfew:schema:curfew\.(\w+):(\d{1,4})$/.exec(given)
  const type = match?.[1] ?? ''
  return Object.hasOwn(eventSchemas, type)
    ? `unknown version ${Number(match?.[2])} of ${type}`
    : 'unknown event type'
}

/**
 * What a record of `auth.events` says, whoever wrote it: `readEventRecord` looks at the MAC first.
 * Never throws: what does not decode is parked by the caller. `ours` is the fleet whose events are
 * wanted; those of versions before fleets had ids pass.
 */
export const decodeEvent = (raw: RawRecord, ours?: string): Decoded => {
  const fleet = otherFleetIn(raw, ours)
  if (fleet !== null) return { ok: false, problem: 'of another fleet', fleet }
  if (raw.unread) return { ok: false, problem: raw.unread.problem }
  const id = raw.headers['ce_id']
  if (!id || id.length > 512) return { ok: false, problem: 'no ce_id' }
  const known = knownSchemas.get(raw.headers['ce_dataschema'] ?? '')
  if (!known) return { ok: false, problem: unknownSchema(raw.headers['ce_dataschema'] ?? '') }
  const { type, version, schema } = known
  const parsed = schema.safeParse(parseJson(raw.value))
  if (!parsed.success) return { ok: false, problem: `data of ${type} does not fit its schema` }
  const { ce_request: request, ce_personal: personal } = raw.headers
  return {
    ok: true,
    id: id as EventId,
    at: instantIn(raw.headers['ce_time']),
    ...(request !== undefined && { request }),
    ...(personal !== undefined && { personal }),
    event: upcast({ type, version, data: parsed.data } as unknown as StoredEvent),
  }
}

/** A foreign record may be larger than what the log takes back; its beginning tells enough. */
const deadLetterBytesMax = 64 * 1024
const shortHeaders = (headers: RawRecord['headers']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers)
      .slice(0, 32)
      .map(([name, value]) => [name.slice(0, 128), value.slice(0, 1_024)]),
  )

/** A record that could not be used, with where it lay and why, as it goes to `auth.deadletters`. */
export const encodeDeadLetter = (raw: RawRecord, problem: string): LogRecord => {
  const { value } = raw
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  return {
    topic: 'auth.deadletters',
    key: `${raw.topic}/${raw.partition}/${raw.offset}`,
    headers: {
      ...shortHeaders(raw.headers),
      'curfew-problem': problem,
      'curfew-encoding': 'base64',
      'curfew-bytes': String(bytes?.length ?? 0),
    },
    value: bytes?.subarray(0, deadLetterBytesMax).toString('base64') ?? '',
  }
}
