import type { ClosedTime, Revocation, RevocationItem } from '../../events/revocation-record.ts'
import { epochMs } from '../../kernel/ids.ts'
import { deletedRecordsText } from '../../kernel/logging/deleted-records-text.ts'
import type { FeedSink, RevocationRows } from '../../ports/revocation-feed.ts'
import { errorWithCauses } from '../api/alarm.ts'
import { imageRowBytes, revocationOfRow } from '../feed-protocol/index.ts'
import {
  type Freshness,
  guardNow,
  isAhead,
  noFreshness,
  observeClosedTime,
  type ReadProgress,
} from '../freshness/index.ts'
import { CompactRevocationSet, type RevocationSet } from '../revocation-set/index.ts'
import { ClosedTimesByLog } from './closed-times-by-log.ts'
import { FeedAlarms } from './feed-alarms.ts'
import type { FeedReaderOptions, Uncovered } from './feed-reader-options.ts'
import { combinedFreshness, isReplaced, type PreviousReading } from './previous-reading.ts'

const nothingRead = -1
const reopenWaitMs = 500

/**
 * Reads a feed, and keeps the set of revocations and how fresh it is. When the feed names another
 * log, it reads that one from its start. What it knew before stays in force until the new reading
 * has caught up with it, so it holds two sets at most, and the previous closed time ages meanwhile.
 */
export class FeedReader {
  readonly #options: FeedReaderOptions
  readonly #stop = new AbortController()
  #set: RevocationSet = new CompactRevocationSet()
  #freshness: Freshness = noFreshness
  #previous: PreviousReading | null = null
  #uncovered: Uncovered | null = null
  #readTo = nothingRead
  /** Survives what is forgotten: it only says which identity came after which. */
  readonly #closedTimes = new ClosedTimesByLog()
  /** The opening in force; what an earlier one still tells is not heard. */
  #opening = 0
  #reopening: Promise<void> = Promise.resolve()
  #wasAhead = false
  readonly #alarms: FeedAlarms

  constructor(options: FeedReaderOptions) {
    this.#options = options
    this.#alarms = new FeedAlarms(options.clock, options.onAlarm)
  }

  /** All that was told and is in force, by this reading and by the one before it. */
  get revocations(): RevocationSet {
    return this.#previous?.revocations ?? this.#set
  }

  get freshness(): Freshness {
    return combinedFreshness(this.#freshness, this.#previous)
  }

  /** Why no closed time counts, where the log's beginning was deleted before this reading began. */
  get uncovered(): Uncovered | null {
    return this.#uncovered
  }

  /** How far this reading has come; an offset means something only in the log that it lies in. */
  get progress(): ReadProgress {
    const { last } = this.#closedTimes
    return { freshness: this.#freshness, readTo: this.#readTo, lastClosed: last }
  }

  /** What the feed said last, until it tells something. */
  get trouble(): string | null {
    return this.#alarms.current
  }

  open(): Promise<void> {
    this.#opening += 1
    return this.#alarms.watchOpening(this.#options.feed.open(this.#sink(this.#opening)))
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
      onRows: (rows) => {
        if (isCurrent()) this.#addRows(rows)
      },
      onItems: (items) => {
        for (const item of items) if (isCurrent()) this.#apply(item)
        if (!isCurrent()) return
        this.#alarms.clear()
        this.#options.onProgress()
      },
      onReset: (reason) => {
        if (!isCurrent()) return
        const detail = `${reason}; what was known stays in force until the new reading passed it`
        this.#options.onAlarm({ kind: 'feed_reset', detail })
        this.#beginAnew()
      },
      onCaughtUp: () => {
        if (!isCurrent()) return
        this.#freshness = { ...this.#freshness, caughtUp: true }
        this.#dropReplaced()
      },
      onTrouble: (error) => {
        if (isCurrent()) this.#alarms.raise(error)
      },
    }
  }

  #apply(item: RevocationItem): void {
    this.#fold(item)
    // Where the item named another log, the reading began anew: this offset is of the previous log.
    const isForgotten = item.kind === 'closed' && this.#freshness.logId !== item.closed.logId
    if (!isForgotten) this.#readTo = Math.max(this.#readTo, item.offset)
  }

  #fold(item: RevocationItem): void {
    const { clock, onAlarm } = this.#options
    switch (item.kind) {
      case 'revocation':
        this.#addRevocation(item.revocation)
        return
      case 'foreign':
        this.#alarms.raiseForeignFleet(item.fleet)
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
        const observed = observeClosedTime(this.#freshness, item.closed, clock.monotonicMs())
        if (observed.change === 'other_log') this.#readOtherLog(item.closed.logId)
        if (observed.change === 'advanced') this.#advance(observed.freshness)
      }
    }
  }

  #addRevocation(revocation: Revocation): void {
    const isNewHere = this.#set.add(revocation)
    const isNews = this.#previous?.revocations.add(revocation) ?? isNewHere
    if (isNews) this.#tellNews(revocation)
  }

  #addRows({ of, rows, entries }: RevocationRows): void {
    const previous = this.#previous?.revocations
    this.#set.reserve(entries)
    // To name a row costs more than to hold it.
    const isHeard = this.freshness.caughtUp || this.#options.isWatched()
    for (let at = 0; at < rows.byteLength; at += imageRowBytes) {
      const isNewHere = this.#set.addRow(of, rows, at)
      const isNews = previous?.addRow(of, rows, at) ?? isNewHere
      if (isNews && isHeard) this.#tellNews(revocationOfRow(of, rows, at))
    }
  }

  #tellNews(revocation: Pick<Revocation, 'key' | 'revokedAt'>): void {
    this.#options.onNewRevocation(revocation)
    if (!this.freshness.caughtUp) return // What lay in the log says nothing of how long news takes.
    const now = guardNow(this.freshness, this.#options.clock.now())
    this.#options.onRefusalDelay(now - revocation.revokedAt)
  }

  /** What is told here counts all the same; only freshness is not proven. Once a streak. */
  #noteUncovered(began: number, closed: ClosedTime): void {
    const isNew = this.#uncovered?.began !== began
    this.#uncovered = { began, low: closed.low }
    if (!isNew) return
    const detail = deletedRecordsText(this.#uncovered)
    this.#options.onAlarm({ kind: 'records_deleted', detail })
  }

  #advance(freshness: Freshness): void {
    const { clock, maxClockErrorMs, onAlarm } = this.#options
    this.#closedTimes.note(freshness)
    this.#freshness = freshness
    this.#uncovered = null
    if (freshness.closed !== null) {
      this.#set.expire(freshness.closed)
      this.#previous?.revocations.expire(freshness.closed)
    }
    this.#dropReplaced()
    const moment = { now: clock.now(), monotonicMs: clock.monotonicMs(), maxClockErrorMs }
    const ahead = isAhead(freshness, moment)
    if (ahead && !this.#wasAhead) {
      const byMs = (freshness.closed ?? moment.now) - moment.now
      onAlarm({ kind: 'closed_time_ahead', detail: `${byMs} ms ahead of this host's clock` })
    }
    this.#wasAhead = ahead
  }

  #dropReplaced(): void {
    if (this.#previous && isReplaced(this.#previous, this.#freshness)) this.#previous = null
  }

  #beginAnew(): void {
    const { clock, maxClockErrorMs } = this.#options
    this.#previous = {
      revocations: this.revocations,
      freshness: this.freshness,
      receivedUntil: epochMs(clock.now() + maxClockErrorMs),
    }
    this.#set = new CompactRevocationSet()
    this.#freshness = noFreshness
    this.#uncovered = null
    this.#readTo = nothingRead
  }

  // For feeds that do not look at identities themselves; `logRevocationFeed` resets before this
  // comes about.
  #readOtherLog(logId: string): void {
    this.#options.onAlarm({ kind: 'other_log', detail: `the log is ${logId} now; reading anew` })
    this.#beginAnew()
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
        onAlarm({ kind: 'feed_trouble', detail: errorWithCauses(error) })
        this.#beginAnew()
        await clock.sleep(reopenWaitMs, this.#stop.signal)
      }
    }
  }
}
