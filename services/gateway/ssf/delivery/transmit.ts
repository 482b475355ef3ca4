import { isDeepStrictEqual } from 'node:util'
import type { EpochMs } from '../../../../shared/kernel/ids.ts'
import type { Receiver } from '../../../../shared/ports/receivers.ts'
import { changeReceiver } from '../streams/change-receiver.ts'
import type { TransmitterDeps } from '../transmitter.ts'
import { ReceiverRun } from './receiver-run.ts'
import { agreedSetRing } from './set-ring.ts'

const everyMs = 500
const leaseMs = 10_000
const renewBelowMs = 6_000

const wantsPush = ({ kind, status }: Receiver): boolean =>
  kind !== 'ssf-poll' && status.state !== 'disabled'

/** Whether the run that was begun for `served` still does what `stored` says. */
const isSame = (served: Receiver, stored: Receiver): boolean =>
  served.status.state === stored.status.state &&
  served.generation === stored.generation &&
  isDeepStrictEqual(served.config, stored.config)

/** The receivers that this gateway serves. Every gateway has one; leases decide who serves whom. */
class Transmitter {
  readonly #deps: TransmitterDeps
  readonly #owner: string
  readonly #runs = new Map<string, ReceiverRun>()

  constructor(deps: TransmitterDeps) {
    this.#deps = deps
    this.#owner = deps.entropy.bytes(8).toString('hex')
  }

  async look(): Promise<void> {
    const stored = await this.#deps.receivers.list()
    const ids = new Set(stored.map(({ id }) => id))
    for (const id of this.#runs.keys()) if (!ids.has(id)) await this.#end(id)
    // Beside each other: a run that takes its time to stop must not cost the others their leases.
    const tended = await Promise.allSettled(stored.map((receiver) => this.#tend(receiver)))
    for (const one of tended) if (one.status === 'rejected') throw one.reason
  }

  async close(): Promise<void> {
    await Promise.all([...this.#runs.keys()].map((id) => this.#end(id)))
  }

  async #tend(stored: Receiver): Promise<void> {
    const run = this.#runs.get(stored.id)
    const isMine = stored.lease?.owner === this.#owner
    if (run && isMine && wantsPush(stored) && isSame(run.receiver, stored)) {
      await this.#keep(run, stored)
    } else if (run) await this.#end(stored.id)
    else if (wantsPush(stored) && this.#isFree(stored)) await this.#begin(stored)
  }

  #isFree({ lease }: Receiver): boolean {
    return (
      lease === null || lease.owner === this.#owner || lease.until <= this.#deps.storeClock.now()
    )
  }

  #lease(): NonNullable<Receiver['lease']> {
    const until = (this.#deps.storeClock.now() + leaseMs) as EpochMs
    return { owner: this.#owner, until }
  }

  async #begin(stored: Receiver): Promise<void> {
    const ring = await agreedSetRing(this.#deps)
    const taken = { ...stored, lease: this.#lease() }
    if ((await this.#deps.receivers.replace(taken)) !== 'replaced') return
    this.#runs.set(stored.id, new ReceiverRun(this.#deps, taken, ring))
  }

  async #keep(run: ReceiverRun, stored: Receiver): Promise<void> {
    run.toldOf(stored.subjects)
    run.control(stored)
    const leftMs = (stored.lease?.until ?? 0) - this.#deps.storeClock.now()
    const kept = await this.#save(run, leftMs < renewBelowMs ? this.#lease() : null)
    if (kept?.lease) run.renewed(kept.lease.until)
  }

  /** With what the run did since; changes of its owner in between stay. */
  async #save(run: ReceiverRun, lease: Receiver['lease']): Promise<Receiver | null> {
    const moved = run.takeMoved()
    const isIdle = !moved.delivered && moved.refused === 0 && moved.control.length === 0
    if (isIdle && lease === null) return null
    const stored = changeReceiver(this.#deps.receivers, run.receiver.id, (now) => {
      // Who has the lease now knows better; what was sent is sent again.
      if (now.lease?.owner !== this.#owner) return null
      return {
        ...now,
        cursor: now.generation === run.receiver.generation ? run.cursor : now.cursor,
        refused: now.refused + moved.refused,
        control: now.control.filter(({ id }) => !moved.control.includes(id)),
        lease: lease ?? now.lease,
      }
    })
    return stored.catch((error: unknown) => {
      run.giveBack(moved)
      throw error
    })
  }

  async #end(id: string): Promise<void> {
    const run = this.#runs.get(id)
    if (!run) return
    this.#runs.delete(id)
    await run.stop()
    const gone = { owner: this.#owner, until: 0 as EpochMs }
    await this.#save(run, gone).catch((error: Error) => {
      this.#deps.logger.warn({ receiver: id, error }, 'where a receiver stands was not stored')
    })
  }
}

/**
 * Tells receivers what the log says, until `signal` aborts. Failures of the store are logged and
 * got over.
 */
export const runTransmitter = async (deps: TransmitterDeps, signal: AbortSignal): Promise<void> => {
  const { clock, logger } = deps
  const transmitter = new Transmitter(deps)
  let failing = false
  while (!signal.aborted) {
    const failure = await transmitter.look().then(
      () => null,
      (error: Error) => error,
    )
    if (failure && !failing) logger.warn({ error: failure }, 'receivers are not served; trying on')
    failing = failure !== null
    await clock.sleep(everyMs, signal)
  }
  await transmitter.close()
}
