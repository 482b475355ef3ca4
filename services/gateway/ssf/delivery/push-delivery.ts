import type { RawRecord } from '../../../../shared/events/log-record.ts'
import { fraction } from '../../../../shared/kernel/entropy.ts'
import type { EpochMs } from '../../../../shared/kernel/ids.ts'
import type { Following, LogBatch } from '../../../../shared/ports/event-log.ts'
import type { Receiver } from '../../../../shared/ports/receivers.ts'
import type { SetKeyRing } from '../../../../shared/tokens/key-rings/index.ts'
import { loggedEvent } from '../events/logged-event.ts'
import { controlMessage, type Message, messagesFor } from '../streams/receiver-messages.ts'
import type { TransmitterDeps } from '../transmitter-deps.ts'
import { deliverSet } from './deliver-set.ts'

const firstWaitMs = 500
const waitMsMax = 60_000
const leaseCheckEveryMs = 250

/** What happened in a run and is not stored yet. */
type Progress = {
  /** Whether the cursor moved over what was sent. */
  delivered: boolean
  /** When the receiver took something last. */
  deliveredAt: EpochMs | null
  refused: number
  control: string[]
}
const noProgress = (): Progress => ({
  ...{ delivered: false, deliveredAt: null, refused: 0, control: [] },
})

/**
 * Serves one receiver while this gateway holds its lease: follows the log from the cursor and sends
 * one SET at a time, in the order of each partition, so the events of a session stay in order. A
 * SET that fails is sent again until it arrives; the log is the queue. Delivery is at least once:
 * if a lease ends while a request is in flight, two gateways may send one SET, with the same `jti`.
 */
export class PushDelivery {
  readonly receiver: Receiver
  readonly #deps: TransmitterDeps
  readonly #ring: SetKeyRing
  readonly #stop = new AbortController()
  readonly #next = new Map<number, number>()
  /** When the lease ends, by the store's clock. */
  #leasedUntil: EpochMs
  #following: Promise<Following> | null = null
  #controlling: Promise<void> = Promise.resolve()
  #failing = false
  /** May change during the run; used from the next attempt on. */
  #subjects: Receiver['subjects']
  /** Ids of the control events that were queued already. */
  readonly #controlTaken = new Set<string>()
  /** What happened since `takeProgress` was called last. */
  #progress = noProgress()

  constructor(deps: TransmitterDeps, receiver: Receiver, ring: SetKeyRing) {
    this.#deps = deps
    this.#ring = ring
    this.receiver = receiver
    this.#subjects = receiver.subjects
    this.#leasedUntil = receiver.lease?.until ?? (0 as EpochMs)
    for (const { partition, next } of receiver.cursor) this.#next.set(partition, next)
    if (receiver.status.state === 'enabled') this.#following = this.#follow()
    this.sendControlEvents(receiver)
  }

  get cursor(): Receiver['cursor'] {
    return [...this.#next]
      .sort(([a], [b]) => a - b)
      .map(([partition, next]) => ({ partition, next }))
  }

  /** What happened since the last call; the caller stores it. */
  takeProgress(): Readonly<Progress> {
    const progress = this.#progress
    this.#progress = noProgress()
    return progress
  }

  /** Undoes `takeProgress`, when the caller could not store it. */
  returnProgress({ delivered, deliveredAt, refused, control }: Readonly<Progress>): void {
    this.#progress.delivered ||= delivered
    this.#progress.deliveredAt ??= deliveredAt
    this.#progress.refused += refused
    this.#progress.control.push(...control)
  }

  renewLease(until: EpochMs): void {
    this.#leasedUntil = until
  }

  setSubjects(subjects: Receiver['subjects']): void {
    this.#subjects = subjects
  }

  /**
   * Sends control events (verification, stream updated), which are not in the log. They do not wait
   * for the log's events, so a receiver that lags behind can still verify its stream.
   */
  sendControlEvents({ control }: Receiver): void {
    for (const event of control.filter(({ id }) => !this.#controlTaken.has(id))) {
      this.#controlTaken.add(event.id)
      const { issuer } = this.#deps
      const message = controlMessage({ issuer, receiver: this.receiver }, event)
      this.#controlling = this.#controlling.then(async () => {
        if (await this.#send(message)) this.#progress.control.push(event.id)
      })
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#controlling
    await this.#following?.then((following) => following.stop())
  }

  async #follow(): Promise<Following> {
    const { log, clock, logger } = this.#deps
    const { id } = this.receiver
    const { signal } = this.#stop
    for (;;) {
      try {
        return await log.follow({
          topics: ['auth.events'],
          group: null,
          resumeAt: async ({ partition }) => this.#next.get(partition) ?? 0,
          onBatch: (batch) => this.#sendBatch(batch),
          onTrouble: (error) => logger.debug({ receiver: id, error }, 'reading for a receiver'),
        })
      } catch (error) {
        logger.warn({ receiver: id, error: error as Error }, 'the log cannot be followed yet')
        if (signal.aborted) return { stop: async () => {} }
        await clock.sleep(firstWaitMs, signal)
      }
    }
  }

  async #sendBatch({ partition, records, end }: LogBatch): Promise<void> {
    const storedNext = this.#next.get(partition) ?? 0
    // A cursor beyond the end is one of another log; then this log is sent from its start.
    const from = storedNext > end ? 0 : storedNext
    for (const raw of records) {
      // Not sent, so the cursor must not pass it: a follower may give one more batch as it stops.
      if (this.#stop.signal.aborted) return
      if (raw.offset < from) continue
      for (const message of this.#messages(raw)) {
        const isWanted = (): boolean => this.#messages(raw).length > 0
        if (!(await this.#send(message, isWanted))) return
        this.#progress.delivered = true
      }
      this.#next.set(partition, raw.offset + 1)
    }
  }

  #messages(raw: RawRecord): readonly Message[] {
    const logged = loggedEvent(this.#deps, raw)
    if (logged === null) return []
    const receiver = { ...this.receiver, subjects: this.#subjects }
    return messagesFor({ issuer: this.#deps.issuer, receiver }, logged)
  }

  /**
   * Sends a message until it is delivered or refused, and only while the lease lasts. `false` if
   * the run was stopped first. A message that is not wanted any more counts as sent.
   */
  async #send(message: Message, isWanted = (): boolean => true): Promise<boolean> {
    const { clock, entropy, storeClock } = this.#deps
    const { signal } = this.#stop
    for (let wait = firstWaitMs; !signal.aborted; ) {
      if (storeClock.now() >= this.#leasedUntil) {
        await clock.sleep(leaseCheckEveryMs, signal)
        continue
      }
      if (!isWanted()) return true
      const ring = this.#ring
      const { outcome, detail } = await deliverSet(this.#deps, this.receiver, {
        message,
        ring,
        signal,
      })
      if (signal.aborted) return false
      if (outcome !== 'failed') {
        this.#noteOutcome(message, outcome, detail)
        return true
      }
      this.#noteFailure(detail)
      await clock.sleep(wait / 2 + (wait / 2) * fraction(entropy), signal)
      wait = Math.min(wait * 2, waitMsMax)
    }
    return false
  }

  #noteOutcome({ jti }: Message, outcome: 'delivered' | 'refused', detail: string): void {
    const { logger, storeClock } = this.#deps
    const fields = { receiver: this.receiver.id, kind: this.receiver.kind }
    if (this.#failing) logger.info(fields, 'a receiver takes what it is told again')
    this.#failing = false
    if (outcome === 'delivered') {
      this.#progress.deliveredAt = storeClock.now()
      return
    }
    this.#progress.refused += 1
    logger.error({ ...fields, jti, reason: detail }, 'a receiver refused; it is not told again')
  }

  #noteFailure(detail: string): void {
    const { logger } = this.#deps
    const { id, kind } = this.receiver
    if (!this.#failing) {
      logger.warn({ receiver: id, kind, reason: detail }, 'a receiver takes nothing; trying on')
    }
    this.#failing = true
  }
}
