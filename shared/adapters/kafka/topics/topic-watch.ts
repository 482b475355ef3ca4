import type { LogRecord } from '../../../events/log-record.ts'
import type { Clock } from '../../../kernel/clock.ts'
import { AuthError } from '../../../kernel/errors.ts'
import type { Logger } from '../../../kernel/logger.ts'
import { describeMistakes, type FoundMistake } from './topic-mistakes.ts'

/** How often settings are looked at beside each reconnect. */
export const watchEveryMs = 60_000
/** While revocations are stopped, so that they go on soon after somebody mended it. */
const stoppedEveryMs = 5_000
const tellEveryMs = 60_000

export type TopicWatchParts = Readonly<{
  clock: Clock
  logger: Logger
  everyMs: number
  /** Asks the broker; rejects when it does not answer, which the next reconnect makes good. */
  look: () => Promise<readonly FoundMistake[]>
}>

export const topicsWrong = (mistakes: readonly FoundMistake[]): AuthError =>
  new AuthError('LOG_TOPIC_WRONG', `topics are wrong:\n  ${describeMistakes(mistakes)}`)

/**
 * What is wrong with the topics, as last seen, and who hears of it: at once when it changes, and
 * then once a minute for as long as it lasts. While it `stops` revocations, none is let through.
 */
export class TopicWatch {
  readonly #parts: TopicWatchParts
  readonly #closing = new AbortController()
  #mistakes: readonly FoundMistake[] = []
  #told = ''
  #toldMs = 0
  #running: Promise<void> = Promise.resolve()

  constructor(parts: TopicWatchParts) {
    this.#parts = parts
  }

  mistakes(): readonly FoundMistake[] {
    return this.#mistakes
  }

  /** What was seen just now. */
  note(mistakes: readonly FoundMistake[]): void {
    this.#mistakes = mistakes
    this.#tell(describeMistakes(mistakes))
  }

  /** Rejects as `look` does. */
  async lookNow(): Promise<void> {
    this.note(await this.#parts.look())
  }

  /** @throws AuthError LOG_TOPIC_WRONG for revocations and closed times that would not be kept */
  check(records: readonly LogRecord[]): void {
    if (!this.#stops() || !records.some(({ topic }) => topic === 'auth.revocations')) return
    throw topicsWrong(this.#mistakes.filter(({ stops }) => stops))
  }

  start(): void {
    this.#running = this.#run()
  }

  close(): Promise<void> {
    this.#closing.abort()
    return this.#running
  }

  #stops(): boolean {
    return this.#mistakes.some(({ stops }) => stops)
  }

  async #run(): Promise<void> {
    const { clock, everyMs } = this.#parts
    const { signal } = this.#closing
    while (!signal.aborted) {
      await clock.sleep(this.#stops() ? Math.min(everyMs, stoppedEveryMs) : everyMs, signal)
      if (signal.aborted) return
      await this.lookNow().catch(() => {}) // Whoever asked the broker said so.
    }
  }

  #tell(text: string): void {
    const { clock, logger } = this.#parts
    const nowMs = clock.monotonicMs()
    if (text === this.#told && (text === '' || nowMs - this.#toldMs < tellEveryMs)) return
    this.#told = text
    this.#toldMs = nowMs
    if (text === '') {
      logger.info({}, 'the topics are as they should be again')
      return
    }
    const isGrave = this.#mistakes.some(({ grave }) => grave)
    const effect = this.#stops() ? '; revocations are pending and no closed time is written' : ''
    const message = `topics are wrong${effect}: ${text.replaceAll('\n  ', '; ')}`
    logger[isGrave ? 'error' : 'warn']({}, message)
  }
}
