import type { Clock } from '../../kernel/clock.ts'
import { type EpochMs, msOf, type RevocationKey } from '../../kernel/ids.ts'
import type { BearerClaims } from '../../tokens/claims.ts'
import { errorWithCauses, type OnAlarm } from '../api/alarm.ts'
import { CallerEnded, type EndedBy, endedBy } from '../api/caller-ended.ts'
import type { OnStale } from '../api/verdict.ts'
import { ageMs, instantOf } from '../freshness/index.ts'
import type { AskWhetherActive } from '../introspection/index.ts'
import { type OpenCaller, OpenCallers } from './open-callers.ts'

/** Hears of the end, once. What it throws, or rejects with, becomes an alarm. */
export type OnEnded = (ended: CallerEnded) => unknown

export type CallerWatchParts = Readonly<{
  clock: Clock
  leewayMs: number
  maxStalenessMs: number
  onAlarm: OnAlarm
  /** The instant at which tokens are judged. */
  now: () => EpochMs
  stalenessMs: () => number
  /** The revocation that kills a token with these claims, by all that is known now. */
  matchRevocation: (claims: BearerClaims) => RevocationKey | null
  /** How to ask the gateway about the token of these claims; `null` where nobody can. */
  introspectionOf: (claims: BearerClaims) => AskWhetherActive | null
}>

/** The longest sleep: wall clocks jump, and machines are suspended. */
const lookMs = 1_000
/** Between two looks while the guard is stale. */
const staleLookMs = 250
/** Questions to the gateway that are under way at once. */
const questionsMax = 16

type Asked = Readonly<{ caller: OpenCaller; question: AskWhetherActive }>

/**
 * Watches the callers whose connections are open, and tells each of them once when it ends: at a
 * revocation, at `exp`, or when the guard has become stale and the caller's policy ends it then.
 * One timer serves all of them, and runs only while there are any.
 */
export class CallerWatch {
  readonly #parts: CallerWatchParts
  readonly #open = new OpenCallers()
  #isClosed = false
  #isRunning = false
  #alarmClock = new AbortController()
  #wakesAt = Number.POSITIVE_INFINITY
  /** By the monotonic clock. */
  #staleSinceMs: number | null = null
  #isAsking = false
  /** By the monotonic clock: who did not answer is left alone for a moment. */
  #asksFromMs = 0

  constructor(parts: CallerWatchParts) {
    this.#parts = parts
  }

  get size(): number {
    return this.#open.size
  }

  /**
   * What is returned ends the waiting. Whoever ended already hears of it before this returns, and
   * it is `null`.
   */
  watch(claims: BearerClaims, onStale: OnStale, onEnded: OnEnded): (() => void) | null {
    const { clock, leewayMs } = this.#parts
    const until = msOf(claims.exp) + leewayMs
    const tell = (ended: CallerEnded): void => this.#tell(onEnded, ended)
    const caller = { claims, onStale, tell, until, place: -1, goodAtMs: clock.monotonicMs() }
    const by = this.#endOf(caller)
    if (by !== null) {
      tell(new CallerEnded(by))
      return null
    }
    this.#open.add(caller)
    if (!this.#isRunning) void this.#run()
    else if (until < this.#wakesAt) this.#alarmClock.abort()
    return () => this.#release(caller)
  }

  /** A revocation that says something new is in force. */
  onRevocation(key: RevocationKey): void {
    for (const caller of this.#open.revokedBy(key)) {
      const hit = this.#parts.matchRevocation(caller.claims)
      if (hit !== null) this.#end(caller, endedBy(hit))
    }
  }

  /** Time went on, by what the store closed. */
  endExpired(): void {
    const now = this.#parts.now()
    for (let first = this.#open.first; first && first.until <= now; first = this.#open.first) {
      this.#end(first, 'expired')
    }
  }

  /** Nobody would hear of anything from here on. */
  close(): void {
    this.#isClosed = true
    for (const caller of this.#open.all()) this.#end(caller, 'closed')
  }

  #endOf({ claims, until }: OpenCaller): EndedBy | null {
    if (this.#isClosed) return 'closed'
    if (until <= this.#parts.now()) return 'expired'
    const hit = this.#parts.matchRevocation(claims)
    return hit === null ? null : endedBy(hit)
  }

  #release(caller: OpenCaller): void {
    if (this.#open.delete(caller) && this.#open.size === 0) this.#alarmClock.abort()
  }

  #end(caller: OpenCaller, by: EndedBy): void {
    // Somebody's callback may have released it a moment ago.
    if (!this.#open.has(caller)) return
    this.#release(caller)
    caller.tell(new CallerEnded(by))
  }

  // One that fails must not keep the others, or the feed that told it, from going on.
  #tell(onEnded: OnEnded, ended: CallerEnded): void {
    const failed = (error: unknown): void =>
      this.#parts.onAlarm({ kind: 'ended_callback_failed', detail: errorWithCauses(error) })
    try {
      Promise.resolve(onEnded(ended)).catch(failed)
    } catch (error) {
      failed(error)
    }
  }

  async #run(): Promise<void> {
    const { clock } = this.#parts
    this.#isRunning = true
    while (this.#open.size > 0) {
      const ms = this.#turn()
      if (this.#open.size === 0) break
      this.#alarmClock = new AbortController()
      this.#wakesAt = this.#parts.now() + ms
      const since = instantOf(clock)
      await clock.sleep(ms, this.#alarmClock.signal)
      // A process that was asleep has not read yet what it was told meanwhile.
      if (ageMs(since, clock) > ms + staleLookMs) await this.#read()
    }
    this.#isRunning = false
  }

  async #read(): Promise<void> {
    this.endExpired()
    this.#wakesAt = Number.NEGATIVE_INFINITY
    await this.#parts.clock.sleep(staleLookMs, this.#alarmClock.signal)
  }

  /** What time alone has ended; how long there is nothing to do. */
  #turn(): number {
    this.endExpired()
    const { now, stalenessMs, maxStalenessMs, clock } = this.#parts
    const freshForMs = maxStalenessMs - stalenessMs()
    if (freshForMs < 0) {
      this.#staleSinceMs ??= clock.monotonicMs()
      this.#whileStale(this.#staleSinceMs)
    } else {
      this.#staleSinceMs = null
    }
    const waitMs = freshForMs < 0 ? staleLookMs : Math.min(freshForMs + 1, lookMs)
    const dueInMs = (this.#open.first?.until ?? Number.POSITIVE_INFINITY) - now()
    return Math.max(1, Math.ceil(Math.min(waitMs, dueInMs)))
  }

  #whileStale(sinceMs: number): void {
    const { clock, maxStalenessMs, introspectionOf: questionOf } = this.#parts
    const nowMs = clock.monotonicMs()
    const due: Asked[] = []
    for (const caller of this.#open.all()) {
      if (caller.onStale === 'allow') continue
      const question = caller.onStale === 'deny' ? null : questionOf(caller.claims)
      const unknownMs = nowMs - Math.max(sinceMs, caller.goodAtMs)
      if (question === null || unknownMs >= maxStalenessMs) this.#end(caller, 'stale')
      else if (caller.goodAtMs < sinceMs || 2 * unknownMs >= maxStalenessMs) {
        due.push({ caller, question })
      }
    }
    if (!this.#isAsking && due.length > 0 && nowMs >= this.#asksFromMs) void this.#ask(due)
  }

  /** One question first: where that fails the others would too, and are asked later. */
  async #ask(asked: readonly Asked[]): Promise<void> {
    const { clock } = this.#parts
    const began = instantOf(clock)
    const [first, ...others] = asked
    const queue = others.values()
    let hasFailed = false
    const askOne = async ({ caller, question }: Asked): Promise<void> => {
      if (!this.#open.has(caller)) return
      try {
        // If two callers have the same token, the second gets the answer that the first got.
        if (await question(began)) caller.goodAtMs = began.monotonicMs
        else this.#end(caller, 'inactive')
      } catch {
        hasFailed = true
        this.#asksFromMs = clock.monotonicMs() + lookMs
      }
    }
    const askInTurn = async (): Promise<void> => {
      for (const one of queue) {
        if (hasFailed) return
        await askOne(one)
      }
    }
    this.#isAsking = true
    if (first) await askOne(first)
    await Promise.all(others.slice(0, questionsMax).map(askInTurn))
    this.#isAsking = false
  }
}
