import type { NewCommit } from '../../../shared/events/commit.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import { type AuthError, isAuthError } from '../../../shared/kernel/errors.ts'
import type { LogId } from '../../../shared/kernel/ids.ts'
import type { Logger } from '../../../shared/kernel/logger.ts'
import { nameOf, type PublishedAt } from './publish-queue.ts'

type Refused = Readonly<{
  kind: NewCommit['kind']
  error: AuthError
  /** Where its revocation lies, which the log took without the rest of the commit. */
  told: PublishedAt | null
  tryAtMs: number
}>

const tryAgainMs = 60_000
/** One that nobody asked for so long was published by another gateway, or pruned. */
const forgottenMs = 10 * 60_000
const refusedMax = 1_000
/** Each new one is told up to this many; beyond, their number is, once a minute. */
const toldApartMax = 10

export const isTooLarge = (error: unknown): error is AuthError<'LOG_RECORD_TOO_LARGE'> =>
  isAuthError(error, 'LOG_RECORD_TOO_LARGE')

/**
 * Commits that the log refuses for their size. They stay unpublished and are tried again once a
 * minute, since an administrator may have raised the limit; meanwhile they stop nothing else.
 */
export class OversizedCommits {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #refused = new Map<string, Refused>()
  #toldAtMs = Number.NEGATIVE_INFINITY

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock
    this.#logger = logger
  }

  count(kind: NewCommit['kind']): number {
    let count = 0
    for (const refused of this.#refused.values()) if (refused.kind === kind) count += 1
    return count
  }

  /** The first refusal that keeps a revocation from the log; closed time waits for it. */
  blocking(): AuthError | null {
    for (const { kind, told, error } of this.#refused.values()) {
      if (kind === 'r' && told === null) return error
    }
    return null
  }

  /** Any refusal, for whoever looks after the log. */
  any(): AuthError | null {
    const [first] = this.#refused.values()
    return this.blocking() ?? first?.error ?? null
  }

  /** Where the revocation of a refused commit lies, or a rejection with why it was refused. */
  answer(commit: NewCommit): Promise<PublishedAt> | null {
    const refused = this.#refused.get(nameOf(commit))
    if (!refused) return null
    return refused.told ? Promise.resolve(refused.told) : Promise.reject(refused.error)
  }

  isDue(commit: NewCommit): boolean {
    const tryAtMs = this.#refused.get(nameOf(commit))?.tryAtMs
    return tryAtMs !== undefined && this.#clock.monotonicMs() >= tryAtMs
  }

  /** Whether its revocation was told to another log, or where this one does not begin any more. */
  isLost(commit: NewCommit, logId: LogId | null, logStart: number): boolean {
    const told = this.#refused.get(nameOf(commit))?.told
    return told != null && (told.logId !== logId || (told.offset ?? 0) < logStart)
  }

  forget(commit: NewCommit): void {
    this.#refused.delete(nameOf(commit))
  }

  note(commit: NewCommit, error: AuthError, told: PublishedAt | null): void {
    const nowMs = this.#clock.monotonicMs()
    const name = nameOf(commit)
    const isNew = !this.#refused.has(name)
    this.#sweep(nowMs)
    if (!isNew || this.#refused.size < refusedMax) {
      const tryAtMs = nowMs + tryAgainMs
      this.#refused.set(name, { kind: commit.kind, error, told, tryAtMs })
    }
    if (isNew && this.#refused.size <= toldApartMax) this.#toldAtMs = Number.NEGATIVE_INFINITY
    this.#tell(name, error, nowMs)
  }

  #tell(commit: string, error: AuthError, nowMs: number): void {
    if (nowMs - this.#toldAtMs < tryAgainMs) return
    this.#toldAtMs = nowMs
    const refused = this.#refused.size
    this.#logger.error({ error, commit, refused }, 'the log refuses a commit for its size')
  }

  #sweep(nowMs: number): void {
    for (const [name, { tryAtMs }] of this.#refused) {
      if (nowMs - tryAtMs > forgottenMs) this.#refused.delete(name)
    }
  }
}
