import type { Clock } from '../../../shared/kernel/clock.ts'
import { isAuthError, isStoreFailure } from '../../../shared/kernel/errors.ts'
import type { SubjectId } from '../../../shared/kernel/ids.ts'
import { CallHealth, recordOutcomes } from '../../../shared/kernel/process/call-health.ts'
import type { Credentials } from '../../../shared/ports/credentials.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import type { UserDirectory } from '../../../shared/ports/user-directory.ts'
import type { Passwords } from '../accounts/index.ts'

/** Ports whose calls show whether their servers work. */
export type ObservedPorts = Readonly<{
  store: EventStore
  directory: UserDirectory
  ownDirectory?: Credentials | null
}>

const probesPerWindow = 5
/** Belongs to nobody. A directory that answers "not known" works. */
const unknownSubject = 'curfew-readiness' as SubjectId
const stallCheckEveryMs = 250
/** A pause that users notice. */
const stallMs = 1_000
const stallReportedForMs = 10_000

/**
 * When each part that the gateway relies on last worked, and how it failed, as seen by the
 * gateway's own calls. `/readyz` is read off it.
 */
export class GatewayCallHealth {
  readonly #clock: Clock
  readonly withinMs: number
  /** By each tick, which is a majority write and a majority read. */
  readonly store: CallHealth
  readonly appends: CallHealth
  readonly users: CallHealth
  /** `null` without a directory of the team's own. */
  ownDirectory: CallHealth | null = null
  readonly relay: CallHealth
  #hashing = 0
  #lastHashingMs = 0
  #lastRefusalMs = Number.NEGATIVE_INFINITY
  #stall: Readonly<{ ms: number; atMs: number }> | null = null

  constructor(clock: Clock, withinMs: number) {
    this.#clock = clock
    this.withinMs = withinMs
    this.store = new CallHealth(clock, withinMs)
    this.appends = new CallHealth(clock, withinMs)
    this.users = new CallHealth(clock, withinMs)
    this.relay = new CallHealth(clock, withinMs)
  }

  /** The same ports, with the outcome of their calls noted here. */
  observing<Ports extends ObservedPorts>(ports: Ports): Ports {
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
    return {
      ...ports,
      store,
      directory,
      ownDirectory: this.#observeOwnDirectory(ports.ownDirectory),
    }
  }

  /** The same functions; notes when hashing stands still and when it refuses logins. */
  observingPasswords(passwords: Passwords): Passwords {
    const observed = async <T>(work: () => Promise<T>): Promise<T> => {
      if (this.#hashing === 0) this.#lastHashingMs = this.#clock.monotonicMs()
      this.#hashing += 1
      try {
        return await work()
      } catch (error) {
        if (isAuthError(error, 'OVERLOADED')) this.#lastRefusalMs = this.#clock.monotonicMs()
        throw error
      } finally {
        this.#hashing -= 1
        this.#lastHashingMs = this.#clock.monotonicMs()
      }
    }
    return {
      hash: (password) => observed(() => passwords.hash(password)),
      verify: (hash, password) => observed(() => passwords.verify(hash, password)),
      isCurrent: (hash) => passwords.isCurrent(hash),
    }
  }

  passwords(): 'ok' | 'refusing' | 'stuck' {
    const nowMs = this.#clock.monotonicMs()
    if (this.#hashing > 0 && nowMs - this.#lastHashingMs > this.withinMs) return 'stuck'
    return nowMs - this.#lastRefusalMs <= this.withinMs ? 'refusing' : 'ok'
  }

  /** The last pause of this process of a second or more, if it was in the last ten seconds. */
  stalledMs(): number | null {
    const stall = this.#stall
    if (!stall || this.#clock.monotonicMs() - stall.atMs > stallReportedForMs) return null
    return stall.ms
  }

  /**
   * Until `signal` aborts, calls the store and the directory when nobody else called them for a
   * while: a log that hangs delays the relay's tick, and without logins nobody calls the directory.
   */
  async run({ store, ownDirectory }: ObservedPorts, signal: AbortSignal): Promise<void> {
    await Promise.all([
      this.#probe(this.store, () => store.relayScan(1), signal),
      ownDirectory && this.ownDirectory
        ? this.#probeIdle(this.ownDirectory, () => ownDirectory.bySub(unknownSubject), signal)
        : null,
      this.#watchStalls(signal),
    ])
  }

  #observeOwnDirectory(given: Credentials | null | undefined): Credentials | null {
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
    const everyMs = this.withinMs / probesPerWindow
    while (!signal.aborted) {
      // `observing` notes a failure.
      if (evidence.ageMs() >= everyMs) await ask().catch(() => {})
      await this.#clock.sleep(Math.min(everyMs / 2, 500), signal)
    }
  }

  /**
   * A team's own directory is probed less often: when nobody called it for half of `withinMs`, and
   * after a failure until it answers.
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
      await this.#clock.sleep(stallCheckEveryMs, signal)
      const nowMs = this.#clock.monotonicMs()
      const lateMs = nowMs - beganMs - stallCheckEveryMs
      if (lateMs >= stallMs) this.#stall = { ms: lateMs, atMs: nowMs }
    }
  }
}
