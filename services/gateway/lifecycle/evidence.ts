import type { Clock } from '../../../shared/kernel/clock.ts'
import { isAuthError, isStoreFailure } from '../../../shared/kernel/errors.ts'
import type { SubjectId } from '../../../shared/kernel/ids.ts'
import { CallHealth, recordOutcomes } from '../../../shared/kernel/process/call-health.ts'
import type { Credentials } from '../../../shared/ports/credentials.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import type { UserDirectory } from '../../../shared/ports/user-directory.ts'
import type { Passwords } from '../accounts/index.ts'

/** Ports whose calls tell how their servers do. */
export type Watchable = Readonly<{
  store: EventStore
  directory: UserDirectory
  ownDirectory?: Credentials | null
}>

const probesAWindow = 5
/** Nobody's: a directory that answers that it does not know it has answered. */
const nobody = 'curfew-readiness' as SubjectId
const beatMs = 250
/** A pause that users notice. */
const stallMs = 1_000
const stallShownMs = 10_000

/** What the calls of a gateway tell of the parts it relies on; `/readyz` is read off it. */
export class GatewayEvidence {
  readonly #clock: Clock
  readonly withinMs: number
  /** A majority write and a majority read, by each tick. */
  readonly store: CallHealth
  readonly appends: CallHealth
  readonly users: CallHealth
  /** `null` without a directory of the team's own. */
  ownDirectory: CallHealth | null = null
  readonly relay: CallHealth
  #hashing = 0
  #hashedMs = 0
  #refusedMs = Number.NEGATIVE_INFINITY
  #stall: Readonly<{ ms: number; atMs: number }> | null = null

  constructor(clock: Clock, withinMs: number) {
    this.#clock = clock
    this.withinMs = withinMs
    this.store = new CallHealth(clock, withinMs)
    this.appends = new CallHealth(clock, withinMs)
    this.users = new CallHealth(clock, withinMs)
    this.relay = new CallHealth(clock, withinMs)
  }

  /** The same ports, whose calls are noted. */
  watching<Ports extends Watchable>(ports: Ports): Ports {
    const ofStore = (evidence: CallHealth) => (failure: Error | null) => {
      if (failure === null) evidence.succeeded()
      else if (isStoreFailure(failure)) evidence.failed(failure)
    }
    const store = recordOutcomes(
      recordOutcomes(ports.store, ['relayScan'], ofStore(this.store)),
      ['append'],
      ofStore(this.appends),
    )
    const userCalls = ['byName', 'byEmail', 'bySub', 'withDue', 'change'] as const
    const directory = recordOutcomes(ports.directory, userCalls, ofStore(this.users))
    return { ...ports, store, directory, ownDirectory: this.#watchingOwn(ports.ownDirectory) }
  }

  /** Hashing that stands still, or that refuses logins. */
  watchingPasswords(passwords: Passwords): Passwords {
    const noted = async <T>(work: () => Promise<T>): Promise<T> => {
      if (this.#hashing === 0) this.#hashedMs = this.#clock.monotonicMs()
      this.#hashing += 1
      try {
        return await work()
      } catch (error) {
        if (isAuthError(error, 'OVERLOADED')) this.#refusedMs = this.#clock.monotonicMs()
        throw error
      } finally {
        this.#hashing -= 1
        this.#hashedMs = this.#clock.monotonicMs()
      }
    }
    return {
      hash: (password) => noted(() => passwords.hash(password)),
      verify: (hash, password) => noted(() => passwords.verify(hash, password)),
    }
  }

  passwords(): 'ok' | 'refusing' | 'stuck' {
    const nowMs = this.#clock.monotonicMs()
    if (this.#hashing > 0 && nowMs - this.#hashedMs > this.withinMs) return 'stuck'
    return nowMs - this.#refusedMs <= this.withinMs ? 'refusing' : 'ok'
  }

  /** The longest pause of this process in the last seconds, if users noticed it. */
  stalledMs(): number | null {
    const stall = this.#stall
    if (!stall || this.#clock.monotonicMs() - stall.atMs > stallShownMs) return null
    return stall.ms
  }

  /**
   * Asks what was not asked by others for a while, until `signal` aborts: a log that hangs holds
   * the relay's tick up, and a gateway without users calls no directory.
   */
  async run({ store, ownDirectory }: Watchable, signal: AbortSignal): Promise<void> {
    await Promise.all([
      this.#probe(this.store, () => store.relayScan(1), signal),
      ownDirectory && this.ownDirectory
        ? this.#probeIdle(this.ownDirectory, () => ownDirectory.bySub(nobody), signal)
        : null,
      this.#watchStalls(signal),
    ])
  }

  #watchingOwn(given: Credentials | null | undefined): Credentials | null {
    if (!given) return null
    const evidence = new CallHealth(this.#clock, this.withinMs)
    this.ownDirectory = evidence
    return recordOutcomes(given, ['subjectOf', 'verify', 'bySub'], (failure) => {
      if (failure === null) evidence.succeeded()
      else if (isAuthError(failure, 'DIRECTORY_UNAVAILABLE')) evidence.failed(failure)
    })
  }

  async #probe(
    evidence: CallHealth,
    ask: () => Promise<unknown>,
    signal: AbortSignal,
  ): Promise<void> {
    const everyMs = this.withinMs / probesAWindow
    while (!signal.aborted) {
      // Its failure is noted where it is watched.
      if (evidence.ageMs() >= everyMs) await ask().catch(() => {})
      await this.#clock.sleep(Math.min(everyMs / 2, 500), signal)
    }
  }

  /**
   * A team's own directory is asked less: when nobody called it for half the time, and, where it
   * failed, until it answers.
   */
  async #probeIdle(
    evidence: CallHealth,
    ask: () => Promise<unknown>,
    signal: AbortSignal,
  ): Promise<void> {
    const beganMs = this.#clock.monotonicMs()
    while (!signal.aborted) {
      const idleMs = Math.min(evidence.ageMs(), this.#clock.monotonicMs() - beganMs)
      if (evidence.failure !== null || idleMs >= this.withinMs / 2) await ask().catch(() => {})
      await this.#clock.sleep(Math.min(this.withinMs / 10, 500), signal)
    }
  }

  async #watchStalls(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const beganMs = this.#clock.monotonicMs()
      await this.#clock.sleep(beatMs, signal)
      const nowMs = this.#clock.monotonicMs()
      const lateMs = nowMs - beganMs - beatMs
      if (lateMs >= stallMs) this.#stall = { ms: lateMs, atMs: nowMs }
    }
  }
}
