import type { Receiver } from '../../../../shared/ports/receivers.ts'
import {
  controlMessage,
  type LoggedEvent,
  type Message,
  messagesFor,
} from '../streams/receiver-messages.ts'

/** An event of the log that may have to be sent to this stream. */
export type Entry = Readonly<{ offset: number; jti: string; logged: LoggedEvent }>
/** What was read of one partition: every entry from the stored cursor up to `readTo`. */
export type Span = Readonly<{ readTo: number; entries: readonly Entry[] }>
export type Spans = ReadonlyMap<number, Span>

const noIds: ReadonlySet<string> = new Set()
/** Acknowledged ids outside of the spans that are kept: another gateway may have read further. */
const ackedMax = 1_024

const nextOf = ({ cursor }: Receiver, partition: number): number =>
  cursor.find((one) => one.partition === partition)?.next ?? 0

/** The entries at or above the stored cursor. */
const aboveCursor = (receiver: Receiver, spans: Spans): readonly (readonly Entry[])[] =>
  [...spans].map(([partition, { entries }]) => {
    const next = nextOf(receiver, partition)
    return entries.filter(({ offset }) => offset >= next)
  })

/** Takes one entry of each partition in turn: each keeps its order, and none starves another. */
const interleaved = (lists: readonly (readonly Entry[])[]): readonly Entry[] => {
  const longest = Math.max(0, ...lists.map(({ length }) => length))
  return Array.from({ length: longest }, (_, index) =>
    lists.flatMap((list) => list[index] ?? []),
  ).flat()
}

/**
 * The messages that a stream has not settled yet, in the order in which they are sent: at most
 * `max`, and whether there are more. A paused stream gets control events only, a disabled one
 * nothing. Pure.
 */
export const pendingMessages = (
  issuer: string,
  receiver: Receiver,
  spans: Spans,
  max: number,
): Readonly<{ messages: readonly Message[]; more: boolean }> => {
  const { state } = receiver.status
  const to = { issuer, receiver }
  const found = new Map<string, Message>()
  if (state !== 'disabled') {
    for (const event of receiver.control) found.set(event.id, controlMessage(to, event))
  }
  const acked = new Set(receiver.acked)
  const lists = aboveCursor(receiver, spans).map((list) =>
    list.filter(({ jti }) => !acked.has(jti)),
  )
  for (const { logged } of state === 'enabled' ? interleaved(lists) : []) {
    // A record may be in the log twice.
    for (const message of messagesFor(to, logged)) found.set(message.jti, message)
    if (found.size > max) break
  }
  return { messages: [...found.values()].slice(0, max), more: found.size > max }
}

/** The cursor moved, in each partition, up to the first unsettled entry, and never back. */
const movedCursor = (
  { cursor }: Receiver,
  spans: Spans,
  isUnsettled: (entry: Entry) => boolean,
): Receiver['cursor'] => {
  const places = new Map(cursor.map(({ partition, next }) => [partition, next]))
  for (const [partition, { readTo, entries }] of spans) {
    const from = places.get(partition) ?? 0
    const first = entries.find((one) => one.offset >= from && isUnsettled(one))
    places.set(partition, Math.max(from, first?.offset ?? readTo))
  }
  return [...places].sort(([a], [b]) => a - b).map(([partition, next]) => ({ partition, next }))
}

type Settlement = Readonly<{
  receiver: Receiver
  /** Those of `ids` that were not settled before. */
  newlySettled: readonly string[]
  hasMoved: boolean
}>

/**
 * The receiver after the SETs `ids` are settled. The cursor of each partition moves up to the first
 * entry that is not settled; ids settled above it are kept in `acked`. Ids outside of the spans are
 * left alone, since another gateway may have read further. Pure.
 */
export const settle = (
  issuer: string,
  receiver: Receiver,
  spans: Spans,
  ids: ReadonlySet<string> = noIds,
): Settlement => {
  const { acked, control } = receiver
  const inLog = aboveCursor(receiver, spans).flatMap((list) =>
    list.map(({ jti }) => jti).filter((jti) => ids.has(jti) && !acked.includes(jti)),
  )
  const ofStream = control.map(({ id }) => id).filter((id) => ids.has(id))
  const settledIds = new Set([...acked, ...inLog])
  const to = { issuer, receiver }
  const cursor = movedCursor(
    receiver,
    spans,
    ({ jti, logged }) => !settledIds.has(jti) && messagesFor(to, logged).length > 0,
  )
  const moved: Receiver = { ...receiver, cursor, control: control.filter(({ id }) => !ids.has(id)) }
  const idsAboveCursor = new Set(
    aboveCursor(moved, spans).flatMap((list) => list.map(({ jti }) => jti)),
  )
  const readIds = new Set(
    [...spans.values()].flatMap(({ entries }) => entries.map((one) => one.jti)),
  )
  const keptAcked = acked.filter((jti) => !readIds.has(jti)).slice(-ackedMax)
  return {
    receiver: {
      ...moved,
      acked: [...[...settledIds].filter((jti) => idsAboveCursor.has(jti)), ...keptAcked],
    },
    newlySettled: [...new Set([...inLog, ...ofStream])],
    hasMoved: cursor.some(({ partition, next }) => next !== nextOf(receiver, partition)),
  }
}
