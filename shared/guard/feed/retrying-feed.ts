import type { Clock } from '../../kernel/clock.ts'
import { isAuthError } from '../../kernel/errors.ts'
import type { FeedSink, RevocationFeed } from '../../ports/revocation-feed.ts'

const retryMs = 1_000

class RetryingFeed implements RevocationFeed {
  readonly #feed: RevocationFeed
  readonly #clock: Clock
  #closing = new AbortController()
  #opening: Promise<void> = Promise.resolve()

  constructor(feed: RevocationFeed, clock: Clock) {
    this.#feed = feed
    this.#clock = clock
  }

  async open(sink: FeedSink): Promise<void> {
    this.#closing = new AbortController()
    if (await this.#isOpened(sink)) return
    this.#opening = this.#openLater(sink, this.#closing.signal)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#feed.close()
    await this.#opening
  }

  /** Rejects with CONFIG_INVALID alone, which no waiting mends. */
  async #isOpened(sink: FeedSink): Promise<boolean> {
    try {
      await this.#feed.open(sink)
      return true
    } catch (error) {
      if (isAuthError(error, 'CONFIG_INVALID')) throw error
      sink.onTrouble(error instanceof Error ? error : new Error(String(error)))
      return false
    }
  }

  async #openLater(sink: FeedSink, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(retryMs, signal)
      if (signal.aborted) return
      try {
        if (await this.#isOpened(sink)) return
      } catch (error) {
        // It was down when the service started: nobody is there to be told but by an alarm.
        sink.onTrouble(error as Error)
      }
    }
  }
}

/**
 * A feed whose source may be down when it is opened: `open` resolves, what went wrong is told to
 * `onTrouble`, and the source is tried every second until it opens. What is wrong with the
 * configuration still rejects, once, at the first try.
 */
export const retryingFeed = (feed: RevocationFeed, clock: Clock): RevocationFeed =>
  new RetryingFeed(feed, clock)
