import type { RevocationItem } from '../../../shared/events/revocation-record.ts'
import { ok, type PartHealth, unready } from '../../../shared/http/health.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import { isAuthError } from '../../../shared/kernel/errors.ts'
import type { Closable } from '../../../shared/kernel/lifecycle.ts'
import type { Logger } from '../../../shared/kernel/logger.ts'
import { deletedRecordsText } from '../../../shared/kernel/logging/deleted-records-text.ts'
import type { FeedSink, RevocationFeed } from '../../../shared/ports/revocation-feed.ts'
import { FeedTail } from './feed-tail.ts'
import { LiveRevocations } from './live-revocations.ts'

export type ClosedItem = Extract<RevocationItem, { kind: 'closed' }>

/** What was read of one log from its start. If the log is another one, a new content begins. */
export type FeedContent = {
  readonly live: LiveRevocations
  readonly tail: FeedTail
  /** The newest closed time before anything unreadable. */
  closed: ClosedItem | null
  /** The newest forged records, so that a guard that connects later raises its alarm too. */
  readonly forged: number[]
  /** The first record that may be a revocation and cannot be read; after it no guard is fresh. */
  unreadable: number | null
  /** Why closed times do not count, until one does. */
  uncovered: string | null
  caughtUp: boolean
  /** Set when it must not be sent any more. */
  over: boolean
}

export type HubOptions = Readonly<{
  feed: RevocationFeed
  clock: Clock
  logger: Logger
  /** How many of the newest items are kept, for readers that reconnect. */
  tailMax?: number
}>

const reopenMs = 500
const forgedKept = 32
const defaultTailMax = 20_000

const emptyContent = (tailMax: number): FeedContent => ({
  live: new LiveRevocations(),
  tail: new FeedTail(tailMax),
  closed: null,
  forged: [],
  unreadable: null,
  uncovered: null,
  caughtUp: false,
  over: false,
})

/**
 * Reads `auth.revocations` once for all readers of the feed, and keeps the revocations in force and
 * the newest items in their order.
 */
export class FeedHub implements Closable {
  readonly #options: HubOptions
  readonly #closing = new AbortController()
  readonly #listeners = new Set<() => void>()
  #content: FeedContent
  #opening: Promise<void> = Promise.resolve()
  #trouble: string | null = null

  constructor(options: HubOptions) {
    this.#options = options
    this.#content = emptyContent(options.tailMax ?? defaultTailMax)
  }

  get content(): FeedContent {
    return this.#content
  }

  health(): PartHealth {
    const { caughtUp, uncovered } = this.#content
    if (!caughtUp) return unready(this.#trouble ?? 'the log is still being read')
    return uncovered === null ? ok() : unready(uncovered)
  }

  /** Opens the feed in the background, and retries until it succeeds. */
  start(): void {
    this.#opening = this.#open()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#opening
    this.#begin()
    await this.#options.feed.close()
  }

  /** Calls `listener` at every change, until the answer is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  async #open(): Promise<void> {
    const { feed, clock, logger } = this.#options
    const { signal } = this.#closing
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        return await feed.open(this.#sink())
      } catch (error) {
        this.#trouble = (error as Error).message
        if (failures === 0) logger.warn({ error: error as Error }, 'the feed waits for the log')
        await clock.sleep(reopenMs, signal)
      }
    }
  }

  #sink(): FeedSink {
    return {
      onItems: (items) => {
        for (const item of items) this.#take(item)
        this.#trouble = null
        this.#wake()
      },
      onReset: (reason) => {
        this.#options.logger.warn({ reason }, 'the feed begins anew')
        this.#begin()
      },
      onCaughtUp: () => {
        this.#content.caughtUp = true
        this.#wake()
      },
      onTrouble: (error) => this.#noteTrouble(error),
    }
  }

  #noteTrouble(error: Error): void {
    this.#trouble = error.message
    // The log adapter logs a denial itself, at first and then once a minute.
    if (isAuthError(error, 'LOG_DENIED')) return
    this.#options.logger.warn({ error }, 'the feed has trouble; it goes on')
  }

  #take(item: RevocationItem): void {
    const content = this.#content
    switch (item.kind) {
      case 'revocation':
        content.live.add(item)
        break
      case 'closed':
        // Several gateways close time; one that is not newer says nothing.
        if (content.closed && item.closed.t <= content.closed.closed.t) return
        content.uncovered = null
        if (content.unreadable === null) content.closed = item
        content.live.expire(item.closed.t)
        break
      case 'foreign': // Not sent to readers.
        return
      case 'uncovered':
        // Not sent: without a closed time readers become stale, as they should.
        this.#noteUncovered(
          content,
          deletedRecordsText({ began: item.began, low: item.closed.low }),
        )
        return
      case 'forged':
        content.forged.push(item.offset)
        if (content.forged.length > forgedKept) content.forged.shift()
        break
      case 'unreadable':
        content.unreadable ??= item.offset
        break
    }
    content.tail.add(item)
  }

  #noteUncovered(content: FeedContent, why: string): void {
    if (content.uncovered === null) this.#options.logger.error({ why }, 'the feed is not fresh')
    content.uncovered = why
  }

  #begin(): void {
    this.#content.over = true
    this.#content = emptyContent(this.#options.tailMax ?? defaultTailMax)
    this.#wake()
  }

  #wake(): void {
    for (const listener of this.#listeners) listener()
  }
}
