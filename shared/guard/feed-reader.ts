import type { ClosedTime, Revocation, RevocationItem } from '../events/revocation-record.ts'
import type { Clock } from '../kernel/clock.ts'
import { type EpochMs, epochMs, type LogId } from '../kernel/ids.ts'
import { uncoveredText } from '../kernel/uncovered-text.ts'
import type { FeedSink, RevocationFeed } from '../ports/revocation-feed.ts'
import { type OnAlarm, reasonOf } from './alarm.ts'
import { FeedTroubles } from './feed-troubles.ts'
import { type FormerReading, isPassed, provenBy } from './former-reading.ts'
import { type Freshness, guardNow, isAhead, noFreshness, observe } from './freshness.ts'
import type { Progress } from './position-waits.ts'
import { CompactRevocationSet, type RevocationSet } from './revocation-set.ts'

export type FeedReaderOptions = Readonly<{
  feed: RevocationFeed
  clock: Clock
  maxClockErrorMs: number
  onAlarm: OnAlarm
  /** A revocation that says something new is in force. */
  onNews: (revocation: Revocation) => void
  /** A revocation came, and was news, this long after it was made. */
  onLearned: (ageMs: number) => void
  /** More was read than before. */
  onProgress: () => void
}>

/** `low` is `null` where a gateway of an older version does not say. */
export type Uncovered = Readonly<{ began: number; low: number | null }>

const nothingRead = -1
const logsMax = 64
const reopenWaitMs = 500

/**
 * Folds a feed into what is dead and how fresh that is; reads anew from the start when the log is
 * another one. What was known is given up only when the new reading has passed it: two sets at
 * most are held, and the former's closed time ages meanwhile.
 */
export class FeedReader {
  readonly #options: FeedReaderOptions
  readonly #stop = new AbortController()
  #set: RevocationSet = new CompactRevocationSet()
  #freshness: Freshness = noFreshness
  #former: FormerReading | null = null
  #uncovered: Uncovered | null = null
  #readTo = nothingRead
  /** Survives what is forgotten: it only says which identity came after which. */
  readonly #lastClosed = new Map<LogId, EpochMs>()
  /** The opening in force; what an earlier one still tells is not heard. */
  #opening = 0
  #reopening: Promise<void> = Promise.resolve()
  #wasAhead = false
  readonly #troubles: FeedTroubles

  constructor(options: FeedReaderOptions) {
    this.#options = options
    this.#troubles = new FeedTroubles(options.clock, options.onAlarm)
  }

  /** All that was told and is in force, by this reading and by the one before it. */
  get revocations(): RevocationSet {
    return this.#former?.revocations ?? this.#set
  }

  get freshness(): Freshness {
    return provenBy(this.#freshness, this.#former)
  }

  /** Why no closed time counts, where the log's beginning was deleted before this reading began. */
  get uncovered(): Uncovered | null {
    return this.#uncovered
  }

  /** Of this reading alone: an offset means something in the log that it lies in. */
  get progress(): Progress {
    const [freshness, readTo, lastClosed] = [this.#freshness, this.#readTo, this.#lastClosed]
    return { freshness, readTo, lastClosed }
  }

  /** What the feed said last, until it tells something. */
  get trouble(): string | null {
    return this.#troubles.current
  }

  open(): Promise<void> {
    this.#opening += 1
    return this.#troubles.noted(this.#options.feed.open(this.#sink(this.#opening)))
  }

  async close(): Promise<void> {
    this.#stop.abort()
    this.#opening += 1
    await this.#reopening
    await this.#options.feed.close()
  }

  #sink(opening: number): FeedSink {
    const isCurrent = (): boolean => opening === this.#opening
    return {
      onItems: (items) => {
        for (const item of items) if (isCurrent()) this.#take(item)
        if (!isCurrent()) return
        this.#troubles.over()
        this.#options.onProgress()
      },
      onReset: (reason) => {
        if (!isCurrent()) return
        const detail = `${reason}; what was known stays in force until the new reading passed it`
        this.#options.onAlarm({ kind: 'feed_reset', detail })
        this.#forget()
      },
      onCaughtUp: () => {
        if (!isCurrent()) return
        this.#freshness = { ...this.#freshness, caughtUp: true }
        this.#letFormerGo()
      },
      onTrouble: (error) => {
        if (isCurrent()) this.#troubles.meet(error)
      },
    }
  }

  #take(item: RevocationItem): void {
    this.#fold(item)
    // A log that is another one has made the guard forget: this offset was the former's.
    const isForgotten = item.kind === 'closed' && this.#freshness.logId !== item.closed.logId
    if (!isForgotten) this.#readTo = Math.max(this.#readTo, item.offset)
  }

  #fold(item: RevocationItem): void {
    const { clock, onAlarm } = this.#options
    switch (item.kind) {
      case 'revocation':
        this.#learn(item.revocation)
        return
      case 'foreign':
        this.#troubles.meetForeign(item.fleet)
        return
      case 'forged':
        onAlarm({ kind: 'forged_record', detail: `offset ${item.offset}` })
        return
      case 'uncovered':
        this.#noteUncovered(item.began, item.closed)
        return
      case 'unreadable':
        // It may be a revocation. What is known stays known, and grows, but is never again called
        // fresh.
        onAlarm({ kind: 'unreadable_record', detail: `offset ${item.offset}` })
        if (this.#freshness.blockedAt === null) {
          this.#freshness = { ...this.#freshness, blockedAt: item.offset }
        }
        return
      case 'closed': {
        const observed = observe(this.#freshness, item.closed, clock.monotonicMs())
        if (observed.change === 'other_log') this.#startAnew(item.closed.logId)
        if (observed.change === 'advanced') this.#advance(observed.freshness)
      }
    }
  }

  #learn(revocation: Revocation): void {
    const isNewHere = this.#set.add(revocation)
    const isNews = this.#former?.revocations.add(revocation) ?? isNewHere
    if (!isNews) return
    this.#options.onNews(revocation)
    if (!this.freshness.caughtUp) return // What lay in the log says nothing of how long news takes.
    const now = guardNow(this.freshness, this.#options.clock.now())
    this.#options.onLearned(now - revocation.revokedAt)
  }

  /** What is told here counts all the same; only freshness is not proven. Once a streak. */
  #noteUncovered(began: number, closed: ClosedTime): void {
    const isNew = this.#uncovered?.began !== began
    this.#uncovered = { began, low: closed.low }
    if (!isNew) return
    const detail = uncoveredText(this.#uncovered)
    this.#options.onAlarm({ kind: 'records_deleted', detail })
  }

  #noteClosed({ logId, closed }: Freshness): void {
    if (logId === null || closed === null) return
    const known = this.#lastClosed.get(logId) ?? closed
    this.#lastClosed.delete(logId) // So that the map stays in the order of meeting.
    this.#lastClosed.set(logId, known > closed ? known : closed)
    const [oldest] = this.#lastClosed.keys()
    if (this.#lastClosed.size > logsMax && oldest) this.#lastClosed.delete(oldest)
  }

  #advance(freshness: Freshness): void {
    const { clock, maxClockErrorMs, onAlarm } = this.#options
    this.#noteClosed(freshness)
    this.#freshness = freshness
    this.#uncovered = null
    if (freshness.closed !== null) {
      this.#set.expire(freshness.closed)
      this.#former?.revocations.expire(freshness.closed)
    }
    this.#letFormerGo()
    const moment = { now: clock.now(), monotonicMs: clock.monotonicMs(), maxClockErrorMs }
    const ahead = isAhead(freshness, moment)
    if (ahead && !this.#wasAhead) {
      const byMs = (freshness.closed ?? moment.now) - moment.now
      onAlarm({ kind: 'closed_time_ahead', detail: `${byMs} ms ahead of this host's clock` })
    }
    this.#wasAhead = ahead
  }

  #letFormerGo(): void {
    if (this.#former && isPassed(this.#former, this.#freshness)) this.#former = null
  }

  #forget(): void {
    const { clock, maxClockErrorMs } = this.#options
    this.#former = {
      revocations: this.revocations,
      freshness: this.freshness,
      lastTold: epochMs(clock.now() + maxClockErrorMs),
    }
    this.#set = new CompactRevocationSet()
    this.#freshness = noFreshness
    this.#uncovered = null
    this.#readTo = nothingRead
  }

  // For feeds that do not look at identities themselves; `logRevocationFeed` resets before this
  // comes about.
  #startAnew(logId: string): void {
    this.#options.onAlarm({ kind: 'other_log', detail: `the log is ${logId} now; reading anew` })
    this.#forget()
    this.#opening += 1
    this.#reopening = this.#reopening.then(() => this.#reopen())
  }

  // A sink may be called from within the feed, which could not close then: this runs after it has
  // returned.
  async #reopen(): Promise<void> {
    const { feed, clock, onAlarm } = this.#options
    while (!this.#stop.signal.aborted) {
      try {
        await feed.close()
        if (!this.#stop.signal.aborted) await this.open()
        return
      } catch (error) {
        onAlarm({ kind: 'feed_trouble', detail: reasonOf(error) })
        this.#forget()
        await clock.sleep(reopenWaitMs, this.#stop.signal)
      }
    }
  }
}
