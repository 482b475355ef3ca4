import { isDeepStrictEqual } from 'node:util'
import type { EpochMs } from '../../../../shared/kernel/ids.ts'
import type { Receiver } from '../../../../shared/ports/receivers.ts'
import { agreedSetRing } from '../events/agreed-set-ring.ts'
import { changeReceiver } from '../streams/change-receiver.ts'
import type { TransmitterDeps } from '../transmitter-deps.ts'
import { PushDelivery } from './push-delivery.ts'

const everyMs = 500
const leaseMs = 10_000
const renewLeaseBelowMs = 6_000

const isPushed = ({ kind, status }: Receiver): boolean =>
  kind !== 'ssf-poll' && status.state !== 'disabled'

/** Whether a run that was started for `served` still fits what is stored now. */
const isSameStream = (served: Receiver, stored: Receiver): boolean =>
  served.status.state === stored.status.state &&
  served.generation === stored.generation &&
  isDeepStrictEqual(served.config, stored.config)

/**
 * Serves the receivers whose leases this gateway holds. Every gateway runs one; a lease in the
 * store decides which gateway serves a receiver.
 */
class Transmitter {
  readonly #deps: TransmitterDeps
  readonly #owner: string
  readonly #runs = new Map<string, PushDelivery>()

  constructor(deps: TransmitterDeps) {
    this.#deps = deps
    this.#owner = deps.entropy.bytes(8).toString('hex')
  }

  async serveReceivers(): Promise<void> {
    const stored = await this.#deps.receivers.list()
    const ids = new Set(stored.map(({ id }) => id))
    for (const id of this.#runs.keys()) if (!ids.has(id)) await this.#endRun(id)
    // At the same time: one run that is slow to stop must not let the leases of the others end.
    const results = await Promise.allSettled(stored.map((receiver) => this.#serve(receiver)))
    for (const result of results) if (result.status === 'rejected') throw result.reason
  }

  async close(): Promise<void> {
    await Promise.all([...this.#runs.keys()].map((id) => this.#endRun(id)))
  }

  async #serve(stored: Receiver): Promise<void> {
    const run = this.#runs.get(stored.id)
    const isMine = stored.lease?.owner === this.#owner
    if (run && isMine && isPushed(stored) && isSameStream(run.receiver, stored)) {
      await this.#continueRun(run, stored)
    } else if (run) await this.#endRun(stored.id)
    else if (isPushed(stored) && this.#isFree(stored)) await this.#startRun(stored)
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

  async #startRun(stored: Receiver): Promise<void> {
    const ring = await agreedSetRing(this.#deps)
    const leased = { ...stored, lease: this.#lease() }
    if ((await this.#deps.receivers.replace(leased)) !== 'replaced') return
    this.#runs.set(stored.id, new PushDelivery(this.#deps, leased, ring))
  }

  async #continueRun(run: PushDelivery, stored: Receiver): Promise<void> {
    run.setSubjects(stored.subjects)
    run.sendControlEvents(stored)
    const leftMs = (stored.lease?.until ?? 0) - this.#deps.storeClock.now()
    const saved = await this.#save(run, leftMs < renewLeaseBelowMs ? this.#lease() : null)
    if (saved?.lease) run.renewLease(saved.lease.until)
  }

  /** Stores progress, and a renewed lease if given; keeps other changes of the receiver. */
  async #save(run: PushDelivery, lease: Receiver['lease']): Promise<Receiver | null> {
    const progress = run.takeProgress()
    const isIdle = !progress.delivered && progress.refused === 0 && progress.control.length === 0
    if (isIdle && lease === null) return null
    const stored = changeReceiver(this.#deps.receivers, run.receiver.id, (now) => {
      // Another gateway has the lease now. Its cursor stays, and it sends again what this one sent.
      if (now.lease?.owner !== this.#owner) return null
      return {
        ...now,
        cursor: now.generation === run.receiver.generation ? run.cursor : now.cursor,
        refused: now.refused + progress.refused,
        deliveredAt: progress.deliveredAt ?? now.deliveredAt,
        control: now.control.filter(({ id }) => !progress.control.includes(id)),
        lease: lease ?? now.lease,
      }
    })
    return stored.catch((error: unknown) => {
      run.returnProgress(progress)
      throw error
    })
  }

  async #endRun(id: string): Promise<void> {
    const run = this.#runs.get(id)
    if (!run) return
    this.#runs.delete(id)
    await run.stop()
    const released = { owner: this.#owner, until: 0 as EpochMs }
    await this.#save(run, released).catch((error: Error) => {
      this.#deps.logger.warn({ receiver: id, error }, 'where a receiver stands was not stored')
    })
  }
}

/**
 * Sends security events to receivers until `signal` aborts. Failures of the store are logged, and
 * it goes on.
 */
export const runTransmitter = async (deps: TransmitterDeps, signal: AbortSignal): Promise<void> => {
  const { clock, logger } = deps
  const transmitter = new Transmitter(deps)
  let failing = false
  while (!signal.aborted) {
    const failure = await transmitter.serveReceivers().then(
      () => null,
      (error: Error) => error,
    )
    if (failure && !failing) logger.warn({ error: failure }, 'receivers are not served; trying on')
    failing = failure !== null
    await clock.sleep(everyMs, signal)
  }
  await transmitter.close()
}
