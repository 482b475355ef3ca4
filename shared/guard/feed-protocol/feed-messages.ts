import type { RevocationItem } from '../../events/revocation-record.ts'
import type { EpochMs, EventId, LogId, RevocationKey } from '../../kernel/ids.ts'

/**
 * What travels over `GET /feed`, version 1: docs/feed.md. Encoded by the feed server, decoded here
 * by hand, because guards carry no schema library.
 */
export const feedVersion = 1

/**
 * A request header: a reader that sends 32 hex digits of its own choosing may be sent an image, of
 * that name, in place of the revocations after a `reset`.
 */
export const imageHeaderName = 'curfew-image'

/** Why a reader is told everything from the beginning. */
export const resetReasons = ['start', 'unknown_log', 'too_old', 'position_invalid'] as const
export type ResetReason = (typeof resetReasons)[number]

export type RevocationTuple = readonly [
  key: string,
  cutoff: number | null,
  expiresAt: number,
  reason: string,
  revokedAt: number,
  id: string,
  offset: number,
]

export type FeedEvent =
  | Readonly<{ type: 'hello'; v: number; heartbeatMs: number }>
  /** What follows comes after the reader's own position. */
  | Readonly<{ type: 'resume' }>
  /** Forget everything; what is in force follows, up to `caught_up`. */
  | Readonly<{ type: 'reset'; reason: ResetReason }>
  | Readonly<{ type: 'items'; items: readonly RevocationItem[] }>
  /** A part of the image that was asked for. */
  | Readonly<{ type: 'image'; chunk: string }>
  | Readonly<{ type: 'caught_up' }>
  | Readonly<{ type: 'beat' }>

const hex32 = /^[0-9a-f]{32}$/
const keyPattern = /^(?:all|(?:jti|sid|sub|client):[\x21-\x7e]{1,255})$/
const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0
const isText = (value: unknown): value is string => typeof value === 'string'

const revocationOf = (value: unknown): RevocationItem | null => {
  if (!Array.isArray(value)) return null
  const [key, cutoff, expiresAt, reason, revokedAt, id, offset]: unknown[] = value
  if (!isText(key) || !keyPattern.test(key)) return null
  const byCutoff = !/^(?:jti|sid):/.test(key)
  if (byCutoff ? !isCount(cutoff) : cutoff !== null) return null
  if (!isCount(expiresAt) || !isCount(revokedAt) || !isCount(offset)) return null
  if (!isText(reason) || !isText(id)) return null
  const revocation = {
    key: key as RevocationKey,
    cutoff: cutoff as number | null,
    expiresAt: expiresAt as EpochMs,
    reason,
    revokedAt: revokedAt as EpochMs,
  }
  return { kind: 'revocation', id: id as EventId, offset, revocation }
}

const listOf = <T>(value: unknown, decode: (one: unknown) => T | null): FeedEvent | null => {
  if (!Array.isArray(value)) return null
  const items = value.map(decode)
  return items.includes(null) ? null : { type: 'items', items: items as RevocationItem[] }
}

/** Decodes the text of an array of tuples; `null` when anything in it is not understood. */
export const decodeTuples = (text: string): readonly RevocationItem[] | null => {
  const told = listOf(parsed(text), revocationOf)
  return told?.type === 'items' ? told.items : null
}

const closedOf = ({ t, logId, offset }: Body): FeedEvent | null => {
  if (!isCount(t) || !isText(logId) || !hex32.test(logId) || !isCount(offset)) return null
  // The server began where it must, or it would not tell this.
  const closed = { t: t as EpochMs, logId: logId as LogId, low: null }
  return { type: 'items', items: [{ kind: 'closed', offset, closed }] }
}

const markOf =
  (kind: 'forged' | 'unreadable') =>
  ({ offsets }: Body): FeedEvent | null =>
    listOf(offsets, (offset) => (isCount(offset) ? { kind, offset } : null))

type Body = Readonly<Record<string, unknown>>

const decoders = {
  hello: ({ v, heartbeatMs }) =>
    v === feedVersion && isCount(heartbeatMs) && heartbeatMs > 0
      ? { type: 'hello', v, heartbeatMs }
      : null,
  resume: () => ({ type: 'resume' }),
  reset: ({ reason }) => {
    const known = resetReasons.find((one) => one === reason)
    return { type: 'reset', reason: known ?? 'start' }
  },
  revocations: ({ items }) => listOf(items, revocationOf),
  image: ({ chunk }) => (isText(chunk) ? { type: 'image', chunk } : null),
  closed: closedOf,
  forged: markOf('forged'),
  unreadable: markOf('unreadable'),
  caught_up: () => ({ type: 'caught_up' }),
  beat: () => ({ type: 'beat' }),
} as const satisfies Readonly<Record<string, (body: Body) => FeedEvent | null>>

/** What stands in `event:`; docs/reference/asyncapi.json has a message for each. */
export type FeedEventType = keyof typeof decoders

const isKnown = (type: string): type is FeedEventType => Object.hasOwn(decoders, type)

const parsed = (data: string): Body | null => {
  try {
    const value: unknown = JSON.parse(data)
    return typeof value === 'object' && value !== null ? (value as Body) : null
  } catch {
    return null
  }
}

/**
 * The event and its number, or `null` when this code does not know it: then it may have told a
 * revocation, and the reader must not go on as if it had not.
 */
export const decodeFeedEvent = (
  type: string,
  data: string,
): Readonly<{ seq: number; event: FeedEvent }> | null => {
  const body = parsed(data)
  if (!body || !isKnown(type) || !isCount(body['seq'])) return null
  const event = decoders[type](body)
  return event && { seq: body['seq'], event }
}

/** `body` as one event of the stream; `id` null leaves the reader's last id as it is. */
export const encodeFeedEvent = (
  type: FeedEventType,
  seq: number,
  body: Readonly<Record<string, unknown>> = {},
  id: string | null = null,
): string => {
  const idLine = id === null ? '' : `id: ${id}\n`
  return `event: ${type}\n${idLine}data: ${JSON.stringify({ seq, ...body })}\n\n`
}

/** As `encodeFeedEvent`, of tuples that are JSON already. */
export const encodeRevocations = (
  seq: number,
  tuples: readonly string[],
  id: string | null = null,
): string => {
  const idLine = id === null ? '' : `id: ${id}\n`
  return `event: revocations\n${idLine}data: {"seq":${seq},"items":[${tuples.join(',')}]}\n\n`
}

export const feedPosition = (logId: LogId, offset: number): string => `${logId}:${offset}`

export const readFeedPosition = (
  text: string,
): Readonly<{ logId: LogId; offset: number }> | null => {
  const match = /^([0-9a-f]{32}):(\d{1,15})$/.exec(text)
  return match ? { logId: match[1] as LogId, offset: Number(match[2]) } : null
}
