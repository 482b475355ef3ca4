import type { Writable } from 'node:stream'
import {
  encodeFeedEvent,
  encodeRevocations,
  type FeedEventType,
  feedPosition,
  feedVersion,
  type ResetReason,
  readFeedPosition,
} from '../../../shared/guard/feed-protocol/index.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import type { ClosedItem, FeedContent, FeedHub } from './feed-hub.ts'
import { runsOf, type TailItem } from './feed-tail.ts'
import { type ImagePlace, type ImageRequest, imageChunks } from './image-chunks.ts'
import { ReaderBell } from './reader-bell.ts'

export type FeedTimes = Readonly<{
  /** Something is sent to a reader at least this often. */
  heartbeatMs: number
  /** A reader that does not read for this long is disconnected. */
  patienceMs: number
}>

export type ConnectionOptions = Readonly<{
  hub: FeedHub
  clock: Clock
  out: Writable
  /** `Last-Event-ID` of the request; `''` asks for a snapshot. */
  lastEventId: string
  /** Whether the reader takes an image in place of a snapshot's revocations. */
  image?: ImageRequest | null
  times: FeedTimes
  /** Aborts when the reader left or the server stops. */
  signal: AbortSignal
}>

export type ConnectionEnd = 'left' | 'slow' | 'log_changed'

/** Tuples in one event, at most about 150 KB. One event at a time is buffered for a reader. */
const itemsPerEvent = 250

/** The closed time without its low mark, which concerns only who reads the log itself. */
const toldOf = ({ closed: { t, logId } }: ClosedItem) => ({ t, logId })

/** Ends a connection; thrown and caught in this file. */
class Ended extends Error {
  readonly end: ConnectionEnd
  constructor(end: ConnectionEnd) {
    super(end)
    this.end = end
  }
}

/**
 * Sends everything to one reader, in order: a snapshot or a resume, then what is new. It buffers
 * one event at a time. A reader that does not take it in time, or falls behind the tail, is
 * disconnected.
 */
export class FeedConnection {
  readonly #options: ConnectionOptions
  readonly #content: FeedContent
  #seq = 0
  #sentAtMs = 0

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#content = options.hub.content
  }

  async run(): Promise<ConnectionEnd> {
    try {
      await this.#send('hello', { v: feedVersion, heartbeatMs: this.#options.times.heartbeatMs })
      const place = this.#placeOf(this.#options.lastEventId)
      const index = typeof place === 'number' ? await this.#resume(place) : await this.#tell(place)
      return await this.#follow(index)
    } catch (error) {
      if (error instanceof Ended) return error.end
      throw error
    }
  }

  /** The index in the tail at which the reader resumes, or why it cannot resume. */
  #placeOf(lastEventId: string): number | ResetReason {
    if (lastEventId === '') return 'start'
    const position = readFeedPosition(lastEventId)
    if (!position) return 'position_invalid'
    const { closed, tail } = this.#content
    if (closed?.closed.logId !== position.logId) return 'unknown_log'
    return tail.indexAfter(position.offset) ?? 'too_old'
  }

  async #resume(index: number): Promise<number> {
    await this.#send('resume')
    return index
  }

  /**
   * Sends a snapshot. The index of the tail is read before the content, and the tail is sent from
   * that index on, so nothing is missed in between.
   */
  async #tell(reason: ResetReason): Promise<number> {
    const { tail, forged, unreadable, closed } = this.#content
    const index = tail.end
    const last = tail.read(index - 1, 1)?.[0]?.item.offset ?? null
    await this.#send('reset', { reason }, '')
    const { image } = this.#options
    // A log without a closed time has no identity yet that an image could name.
    const place = image && closed && { logId: closed.closed.logId, offset: last ?? closed.offset }
    const events = place ? this.#imageOf(image, place) : this.#pages()
    for (const event of events) {
      await this.#write(event)
      if (tail.read(index, 0) === null) throw new Ended('slow')
    }
    if (forged.length > 0) await this.#send('forged', { offsets: [...forged] })
    if (closed) {
      // Everything up to that offset was sent, except for a record that cannot be read.
      const offset = unreadable === null && last !== null ? last : closed.offset
      await this.#send('closed', { ...toldOf(closed), offset })
    }
    if (unreadable !== null) await this.#send('unreadable', { offsets: [unreadable] })
    const id = closed && last !== null ? feedPosition(closed.closed.logId, last) : null
    await this.#send('caught_up', {}, id)
    return index
  }

  *#pages(): Generator<string> {
    const { live } = this.#content
    for (const page of live.pages(itemsPerEvent)) yield encodeRevocations(this.#seq, page)
  }

  *#imageOf(request: ImageRequest, place: ImagePlace): Generator<string> {
    for (const chunk of imageChunks(this.#content.live, request, place)) {
      yield encodeFeedEvent('image', this.#seq, { chunk: chunk.toString('base64') })
    }
  }

  async #follow(from: number): Promise<ConnectionEnd> {
    const { hub, signal } = this.#options
    const bell = new ReaderBell()
    const over = new AbortController()
    const unlisten = hub.onChange(bell.ring)
    signal.addEventListener('abort', bell.ring)
    void this.#ringForBeats(bell, over.signal)
    try {
      return await this.#tellNews(from, bell)
    } finally {
      over.abort()
      unlisten()
      signal.removeEventListener('abort', bell.ring)
    }
  }

  async #tellNews(from: number, bell: ReaderBell): Promise<ConnectionEnd> {
    const { signal } = this.#options
    for (let index = from; ; ) {
      const items = this.#content.tail.read(index, itemsPerEvent)
      if (items === null) return 'slow'
      for (const run of runsOf(items)) await this.#sendRun(run)
      index += items.length
      if (items.length > 0) continue
      if (this.#beatInMs() <= 0) await this.#send('beat')
      if (signal.aborted) throw new Ended('left')
      await bell.heard()
      if (signal.aborted) throw new Ended('left')
      if (this.#content.over) return 'log_changed'
    }
  }

  /** One timer a heartbeat, however often something is sent. */
  async #ringForBeats(bell: ReaderBell, over: AbortSignal): Promise<void> {
    const { clock, times } = this.#options
    while (!over.aborted) {
      const ms = this.#beatInMs()
      if (ms <= 0) bell.ring()
      await clock.sleep(ms <= 0 ? times.heartbeatMs : ms, over)
    }
  }

  #beatInMs(): number {
    const { clock, times } = this.#options
    return this.#sentAtMs + times.heartbeatMs - clock.monotonicMs()
  }

  async #sendRun(run: readonly TailItem[]): Promise<void> {
    const last = run.at(-1)?.item
    if (!last) return
    const id = this.#idOf(last.offset)
    switch (last.kind) {
      case 'revocation': {
        const tuples = run.flatMap(({ tuple }) => (tuple === null ? [] : [tuple]))
        return this.#write(encodeRevocations(this.#seq, tuples, id))
      }
      case 'closed':
        return this.#send('closed', { ...toldOf(last), offset: last.offset }, id)
      case 'foreign':
      case 'uncovered':
        return // The hub keeps none.
      case 'forged':
      case 'unreadable':
        return this.#send(last.kind, { offsets: run.map(({ item }) => item.offset) }, id)
    }
  }

  /** `null` before the first closed time, since the log's identity is not known until then. */
  #idOf(offset: number): string | null {
    const { closed } = this.#content
    return closed && feedPosition(closed.closed.logId, offset)
  }

  #send(
    type: FeedEventType,
    body: Readonly<Record<string, unknown>> = {},
    id: string | null = null,
  ): Promise<void> {
    return this.#write(encodeFeedEvent(type, this.#seq, body, id))
  }

  async #write(event: string): Promise<void> {
    const { out, signal, clock } = this.#options
    if (signal.aborted) throw new Ended('left')
    if (this.#content.over) throw new Ended('log_changed')
    this.#seq += 1
    this.#sentAtMs = clock.monotonicMs()
    if (!out.write(event)) await this.#drained(out)
  }

  async #drained(out: Writable): Promise<void> {
    const { clock, times, signal } = this.#options
    const over = new AbortController()
    const stop = (): void => over.abort()
    out.once('drain', stop)
    signal.addEventListener('abort', stop, { once: true })
    await clock.sleep(times.patienceMs, over.signal)
    out.off('drain', stop)
    signal.removeEventListener('abort', stop)
    if (signal.aborted) throw new Ended('left')
    if (out.writableNeedDrain) throw new Ended('slow')
  }
}
