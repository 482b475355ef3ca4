import type { Receiver } from '../../../../shared/ports/receivers.ts'
import {
  controlMessage,
  type Message,
  messagesFor,
  type Told,
} from '../delivery/mint-security-event.ts'

/** Something in the log that this stream may have to be told of. */
export type Entry = Readonly<{ offset: number; jti: string; told: Told }>
/** What was read of one partition: every entry from the stored cursor up to `readTo`. */
export type Span = Readonly<{ readTo: number; entries: readonly Entry[] }>
export type Spans = ReadonlyMap<number, Span>

const nobody: ReadonlySet<string> = new Set()
/** Beside those in the spans: kept for a gateway that has read further, within reason. */
const ackedMax = 1_024

const nextOf = ({ cursor }: Receiver, partition: number): number =>
  cursor.find((one) => one.partition === partition)?.next ?? 0

/** What the stored cursor has not passed. */
const aboveCursor = (receiver: Receiver, spans: Spans): readonly (readonly Entry[])[] =>
  [...spans].map(([partition, { entries }]) => {
    const next = nextOf(receiver, partition)
    return entries.filter(({ offset }) => offset >= next)
  })

/** One of each partition in turn: each keeps its order, and none can starve another. */
const inTurn = (lists: readonly (readonly Entry[])[]): readonly Entry[] => {
  const longest = Math.max(0, ...lists.map(({ length }) => length))
  return Array.from({ length: longest }, (_, index) =>
    lists.flatMap((list) => list[index] ?? []),
  ).flat()
}

/**
 * What a stream has not settled yet, in the order in which it is told: at most `max` messages, and
 * whether there are more. A paused stream hears of itself only, a disabled one nothing. Pure.
 */
export const pendingOf = (
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
  for (const { told } of state === 'enabled' ? inTurn(lists) : []) {
    // A record may lie in the log twice.
    for (const message of messagesFor(to, told)) found.set(message.jti, message)
    if (found.size > max) break
  }
  return { messages: [...found.values()].slice(0, max), more: found.size > max }
}

/** In each partition up to the first entry that `isOpen`, and never back. */
const movedCursor = (
  { cursor }: Receiver,
  spans: Spans,
  isOpen: (entry: Entry) => boolean,
): Receiver['cursor'] => {
  const places = new Map(cursor.map(({ partition, next }) => [partition, next]))
  for (const [partition, { readTo, entries }] of spans) {
    const from = places.get(partition) ?? 0
    const first = entries.find((one) => one.offset >= from && isOpen(one))
    places.set(partition, Math.max(from, first?.offset ?? readTo))
  }
  return [...places].sort(([a], [b]) => a - b).map(([partition, next]) => ({ partition, next }))
}

type Settled = Readonly<{
  receiver: Receiver
  /** Those of `ids` that were open until now. */
  ended: readonly string[]
  hasMoved: boolean
}>

/**
 * `receiver` once the SETs `ids` are settled: the cursor of each partition moves up to the first
 * that is not, and what was settled above it is kept by id. What the spans do not hold is left
 * alone, since another gateway may have read further. Pure.
 */
export const settled = (
  issuer: string,
  receiver: Receiver,
  spans: Spans,
  ids: ReadonlySet<string> = nobody,
): Settled => {
  const { acked, control } = receiver
  const inLog = aboveCursor(receiver, spans).flatMap((list) =>
    list.map(({ jti }) => jti).filter((jti) => ids.has(jti) && !acked.includes(jti)),
  )
  const ofStream = control.map(({ id }) => id).filter((id) => ids.has(id))
  const after = new Set([...acked, ...inLog])
  const to = { issuer, receiver }
  const cursor = movedCursor(
    receiver,
    spans,
    ({ jti, told }) => !after.has(jti) && messagesFor(to, told).length > 0,
  )
  const moved: Receiver = { ...receiver, cursor, control: control.filter(({ id }) => !ids.has(id)) }
  const above = new Set(aboveCursor(moved, spans).flatMap((list) => list.map(({ jti }) => jti)))
  const known = new Set([...spans.values()].flatMap(({ entries }) => entries.map((one) => one.jti)))
  const unknown = acked.filter((jti) => !known.has(jti)).slice(-ackedMax)
  return {
    receiver: { ...moved, acked: [...[...after].filter((jti) => above.has(jti)), ...unknown] },
    ended: [...new Set([...inLog, ...ofStream])],
    hasMoved: cursor.some(({ partition, next }) => next !== nextOf(receiver, partition)),
  }
}
