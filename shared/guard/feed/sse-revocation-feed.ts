import { setImmediate as othersTurn } from 'node:timers/promises'
import { isSafeUrl } from '../../kernel/addresses/safe-url.ts'
import { systemClock } from '../../kernel/clock.ts'
import { fraction, systemEntropy } from '../../kernel/entropy.ts'
import { AuthError } from '../../kernel/errors.ts'
import type { FeedSink, RevocationFeed } from '../../ports/revocation-feed.ts'
import {
  EventStreamParser,
  type FeedEvent,
  FeedMessageSequence,
  imageHeaderName,
  readerRing,
} from '../feed-protocol/index.ts'
import { requestFeed, type SseFeedOptions, feedTrouble as trouble } from './feed-request.ts'
import { ImageLoader } from './image-loader.ts'

export type { SseFeedOptions } from './feed-request.ts'

const firstWaitMs = 100
const waitMsMax = 3_000
/** A connection that lasted is no sign of a server that ends all of them: no need to wait long. */
const lastedMs = 10_000
const bytesPerTurnMax = 64 * 1024

type HeardAt = { atMs: number }
type First = Readonly<{ greeted: () => void; failed: (error: Error) => void }>

class SseFeed implements RevocationFeed {
  readonly #options: Required<SseFeedOptions>
  #closing = new AbortController()
  #sink: FeedSink | undefined
  #running: Promise<void> = Promise.resolve()
  /** Where the server may go on from; `''` asks for everything. */
  #lastEventId = ''
  /** Whether the sink holds anything that a reset would take back. */
  #hasTold = false
  /** One was refused: all is read record by record until that was done. */
  #refusedImage = false
  #image: ImageLoader | null = null

  constructor(options: Required<SseFeedOptions>) {
    this.#options = options
  }

  async open(sink: FeedSink): Promise<void> {
    this.#sink = sink
    this.#lastEventId = ''
    this.#hasTold = false
    const closing = new AbortController()
    this.#closing = closing
    await new Promise<void>((resolve, reject) => {
      const first = { greeted: resolve, failed: reject }
      this.#running = this.#run(closing.signal, first).then(resolve)
    })
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#running
    this.#sink = undefined
  }

  /** Until `signal` aborts, or the first connection fails: whoever opened hears of that. */
  async #run(signal: AbortSignal, first: First): Promise<void> {
    const { clock, entropy } = this.#options
    let wait = firstWaitMs
    let wasGreeted = false
    const onGreeted = (): void => {
      wasGreeted = true
      first.greeted()
    }
    while (!signal.aborted) {
      const sinceMs = clock.monotonicMs()
      const ended = await this.#connect(signal, onGreeted).then(
        () => trouble('ended'),
        (error: unknown) => (error instanceof AuthError ? error : this.#brokenOff(error)),
      )
      if (signal.aborted) return
      if (!wasGreeted) return first.failed(ended)
      this.#sink?.onTrouble(ended)
      if (clock.monotonicMs() - sinceMs >= lastedMs) wait = firstWaitMs
      await clock.sleep(wait / 2 + (wait / 2) * fraction(entropy), signal)
      wait = Math.min(wait * 2, waitMsMax)
    }
  }

  /** One connection, to its end. */
  async #connect(signal: AbortSignal, onGreeted: () => void): Promise<void> {
    const { clock } = this.#options
    const request = new AbortController()
    const abort = (): void => request.abort()
    signal.addEventListener('abort', abort, { once: true })
    const line = new FeedMessageSequence()
    const heard = { atMs: clock.monotonicMs() }
    const over = new AbortController()
    const silence = this.#silenceOf(line, heard, over.signal)
    const reading = this.#read(line, heard, request.signal, onGreeted)
    reading.catch(() => {}) // Met by the race, or late after the silence.
    try {
      await Promise.race([reading, silence])
    } finally {
      over.abort()
      abort()
      signal.removeEventListener('abort', abort)
    }
  }

  /** Rejects when the server says nothing for as long as three heartbeats. */
  async #silenceOf(line: FeedMessageSequence, heard: HeardAt, over: AbortSignal): Promise<void> {
    const { clock } = this.#options
    for (;;) {
      const quietMs = clock.monotonicMs() - heard.atMs
      if (quietMs >= line.silenceMs) throw trouble(`was silent for ${line.silenceMs} ms`)
      await clock.sleep(Math.max(line.silenceMs - quietMs, 1), over)
      if (over.aborted) return
    }
  }

  async #read(
    line: FeedMessageSequence,
    heard: HeardAt,
    signal: AbortSignal,
    onGreeted: () => void,
  ): Promise<void> {
    const body = await this.#request(signal)
    const decoder = new TextDecoder('utf-8')
    const parser = new EventStreamParser(this.#lastEventId)
    for await (const chunk of body) {
      heard.atMs = this.#options.clock.monotonicMs()
      // A chunk may be as large as the sender likes; an event may not.
      for (let at = 0; at < chunk.byteLength; at += bytesPerTurnMax) {
        const part = chunk.subarray(at, at + bytesPerTurnMax)
        const events = parser.push(decoder.decode(part, { stream: true }))
        if (events === null) throw this.#lost('sent an event without an end')
        for (const { type, data, lastEventId } of events) {
          if (signal.aborted) return
          const told = line.parse(type, data)
          if (!told.ok) throw this.#lost(told.problem)
          this.#tell(told.event)
          this.#lastEventId = lastEventId
          if (type === 'hello') onGreeted()
          // A million entries in one turn would keep a service from its requests.
          if (type === 'image') await othersTurn()
        }
      }
    }
  }

  #request(signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const { entropy, secret } = this.#options
    const name = entropy.bytes(16).toString('hex')
    const asksForImage = this.#sink?.onRows !== undefined && !this.#refusedImage
    this.#image = asksForImage ? new ImageLoader(readerRing(secret), name) : null
    const headers = {
      ...(asksForImage ? { [imageHeaderName]: name } : {}),
      ...(this.#lastEventId === '' ? {} : { 'last-event-id': this.#lastEventId }),
    }
    return requestFeed(this.#options, headers, signal)
  }

  #tell(event: FeedEvent): void {
    const sink = this.#sink
    switch (event.type) {
      case 'resume':
        if (this.#lastEventId === '') throw this.#lost('resumed where nobody was')
        this.#image = null
        return
      case 'reset':
        if (this.#hasTold) sink?.onReset(`the feed begins anew: ${event.reason}`)
        this.#hasTold = false
        return
      case 'image':
        this.#hasTold = true
        if (!this.#image?.tell(event.chunk, sink)) throw this.#refused('is not what was asked for')
        return
      case 'items': {
        const [first] = event.items
        if (first?.kind === 'closed' && this.#image?.isForeignTo(first)) {
          throw this.#refused('is of another log')
        }
        this.#hasTold = true
        sink?.onItems(event.items)
        return
      }
      case 'caught_up':
        if (this.#image?.isUnfinished) throw this.#refused('has no end')
        this.#image = null
        this.#refusedImage = false
        this.#hasTold = true
        sink?.onCaughtUp()
        return
      case 'hello':
      case 'beat':
        return
    }
  }

  #brokenOff(error: unknown): AuthError {
    const { origin, pathname } = this.#options.url
    return trouble(`${origin}${pathname} does not answer, or broke off`, error)
  }

  /** The next connection asks for everything, record by record. */
  #refused(why: string): AuthError {
    this.#refusedImage = true
    this.#lastEventId = ''
    return new AuthError('IMAGE_REFUSED', `the image of the revocations in force ${why}`)
  }

  /** The next connection asks for everything. */
  #lost(what: string): AuthError {
    this.#lastEventId = ''
    return trouble(what)
  }
}

/**
 * The feed of a guard without a client of the log: it reads `GET /feed` of a projector.
 * - `open` resolves when the server greets, and rejects with LOG_UNAVAILABLE when the first try
 *   fails, with CONFIG_INVALID when the server refuses the credentials. Later the server is asked
 *   for ever, with backoff and jitter (100 ms to 3 s); trouble is told to `onTrouble`: a guard that
 *   hears nothing grows stale.
 * - After a broken connection the server goes on behind the last event, or says that it begins
 *   anew. An event that is missing or not understood makes the feed ask for everything.
 * - Silence of three heartbeats ends a connection.
 * - It believes the server: MACs are checked there, TLS protects the way.
 * - `close` tells nothing more. A feed that was closed may be opened again.
 * @throws AuthError CONFIG_INVALID for http to another machine without `insecure`.
 */
export const sseRevocationFeed = (options: SseFeedOptions): RevocationFeed => {
  const { url, insecure = false } = options
  if (!isSafeUrl(url, insecure)) {
    const why = 'must be https, because whoever can change it can take revocations out'
    throw new AuthError('CONFIG_INVALID', `${url.origin}: the feed ${why}`)
  }
  return new SseFeed({
    insecure,
    clock: systemClock,
    entropy: systemEntropy,
    fetch: globalThis.fetch,
    ...options,
  })
}
