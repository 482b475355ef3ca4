import { type Act, noOrigin } from '../../../shared/events/event.ts'
import { isAuthError } from '../../../shared/kernel/errors.ts'
import { epochMs } from '../../../shared/kernel/ids.ts'
import type { Closable } from '../../../shared/kernel/lifecycle.ts'
import type { Logger } from '../../../shared/kernel/logger.ts'
import type { NoteVerifier } from '../../../shared/tlog/signed-note.ts'
import { type CarryingOut, carryOutRetention } from './carry-out-retention.ts'
import { decideRetention, pendingRetention } from './decide-retention.ts'

type Parts = Omit<CarryingOut, 'stop' | 'onProgress' | 'known'> &
  Readonly<{
    /** Asked at each round: the trail’s key rotates. */
    known: () => Promise<readonly NoteVerifier[]>
    /** What was signed longer ago goes. */
    ageMs: number
    logger: Logger
  }>

/** Not while everything starts. */
const firstMs = 120_000
const everyMs = 86_400_000
/** After one that was refused, or failed. */
const againMs = 3_600_000

const act: Act = { actor: { by: 'system', id: 'auditor' }, ...noOrigin }

/** Lets go of what the trail signed long ago, once a day: `CURFEW_AUDIT_RETENTION`. */
export class RetentionRounds implements Closable {
  readonly #parts: Parts
  readonly #stopping = new AbortController()
  #running: Promise<void> | null = null

  constructor(parts: Parts) {
    this.#parts = parts
  }

  start(): void {
    this.#running = this.#run()
  }

  async close(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    for (let waitMs = firstMs; !signal.aborted; ) {
      await this.#parts.clock.sleep(waitMs, signal)
      if (signal.aborted) return
      waitMs = await this.#round().then(
        () => everyMs,
        (error: Error) => this.#note(error),
      )
    }
  }

  async #round(): Promise<void> {
    const { ageMs, clock, logger, ...rest } = this.#parts
    const known = await rest.known()
    const stop = this.#stopping.signal
    const parts: CarryingOut = { ...rest, clock, known, stop, onProgress: () => {} }
    const pending = await pendingRetention(parts)
    if (pending && !(await carryOutRetention(parts, pending))) return
    const before = epochMs(Math.max(0, clock.now() - ageMs))
    const reason = 'CURFEW_AUDIT_RETENTION'
    const retention = await decideRetention(parts, { before, reason, exports: null, act })
    if (retention === null || !(await carryOutRetention(parts, retention))) return
    const { count } = retention.told
    logger.info({ count, before }, 'the trail let go of old events')
  }

  #note(error: Error): number {
    if (this.#stopping.signal.aborted) return 0
    const isHeld = isAuthError(error, 'LEGAL_HOLD')
    if (isHeld) this.#parts.logger.warn({ error }, 'a legal hold keeps old events of the trail')
    else this.#parts.logger.error({ error }, 'old events of the trail could not be let go of')
    return againMs
  }
}
