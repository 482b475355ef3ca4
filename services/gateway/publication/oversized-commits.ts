import type { NewCommit } from '../../../shared/events/commit.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import { type AuthError, isAuthError } from '../../../shared/kernel/errors.ts'
import type { LogId } from '../../../shared/kernel/ids.ts'
import type { Logger } from '../../../shared/kernel/logger.ts'
import { commitName, type PublishedAt } from './publish-queue.ts'

type Oversized = Readonly<{
  kind: NewCommit['kind']
  error: AuthError
  /** Where the log has its revocation, published without the rest of the commit. */
  revocationAt: PublishedAt | null
  retryAtMs: number
}>

const retryEveryMs = 60_000
/** A commit not retried for so long was published by another gateway, or pruned. */
const forgetAfterMs = 10 * 60_000
const refusedMax = 1_000
/** Up to this many, each new one is logged; beyond, their number is logged once a minute. */
const loggedSinglyMax = 10

export const isTooLarge = (error: unknown): error is AuthError<'LOG_RECORD_TOO_LARGE'> =>
  isAuthError(error, 'LOG_RECORD_TOO_LARGE')

/**
 * Commits that the log refused for their size. They stay unpublished and are tried again once a
 * minute, since an administrator may have raised the limit. Other commits do not wait for them.
 */
export class OversizedCommits {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #refused = new Map<string, Oversized>()
  #loggedAtMs = Number.NEGATIVE_INFINITY

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock
    this.#logger = logger
  }

  count(kind: NewCommit['kind']): number {
    let count = 0
    for (const refused of this.#refused.values()) if (refused.kind === kind) count += 1
    return count
  }

  /** The first refusal that keeps a revocation from the log; while there is one, no time closes. */
  blocking(): AuthError | null {
    for (const { kind, revocationAt, error } of this.#refused.values()) {
      if (kind === 'r' && revocationAt === null) return error
    }
    return null
  }

  /** Any refusal, for health; one that blocks first. */
  any(): AuthError | null {
    const [first] = this.#refused.values()
    return this.blocking() ?? first?.error ?? null
  }

  /**
   * For a commit that was refused: where its revocation lies, or a rejection with the reason.
   * `null` for any other commit.
   */
  knownOutcome(commit: NewCommit): Promise<PublishedAt> | null {
    const refused = this.#refused.get(commitName(commit))
    if (!refused) return null
    return refused.revocationAt
      ? Promise.resolve(refused.revocationAt)
      : Promise.reject(refused.error)
  }

  isDueForRetry(commit: NewCommit): boolean {
    const tryAtMs = this.#refused.get(commitName(commit))?.retryAtMs
    return tryAtMs !== undefined && this.#clock.monotonicMs() >= tryAtMs
  }

  /** Whether its revocation was published in another log, or below where this one begins now. */
  isRevocationGone(commit: NewCommit, logId: LogId | null, logStart: number): boolean {
    const revocationAt = this.#refused.get(commitName(commit))?.revocationAt
    return (
      revocationAt != null &&
      (revocationAt.logId !== logId || (revocationAt.offset ?? 0) < logStart)
    )
  }

  forget(commit: NewCommit): void {
    this.#refused.delete(commitName(commit))
  }

  note(commit: NewCommit, error: AuthError, revocationAt: PublishedAt | null): void {
    const nowMs = this.#clock.monotonicMs()
    const name = commitName(commit)
    const isNew = !this.#refused.has(name)
    this.#forgetOld(nowMs)
    if (!isNew || this.#refused.size < refusedMax) {
      const retryAtMs = nowMs + retryEveryMs
      this.#refused.set(name, {
        kind: commit.kind,
        error,
        revocationAt: revocationAt,
        retryAtMs: retryAtMs,
      })
    }
    if (isNew && this.#refused.size <= loggedSinglyMax) this.#loggedAtMs = Number.NEGATIVE_INFINITY
    this.#logRefusal(name, error, nowMs)
  }

  #logRefusal(commit: string, error: AuthError, nowMs: number): void {
    if (nowMs - this.#loggedAtMs < retryEveryMs) return
    this.#loggedAtMs = nowMs
    const refused = this.#refused.size
    this.#logger.error({ error, commit, refused }, 'the log refuses a commit for its size')
  }

  #forgetOld(nowMs: number): void {
    for (const [name, { retryAtMs: tryAtMs }] of this.#refused) {
      if (nowMs - tryAtMs > forgetAfterMs) this.#refused.delete(name)
    }
  }
}
