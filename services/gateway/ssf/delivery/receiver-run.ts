import { decodeEvent } from '../../../../shared/events/codec.ts'
import type { RawRecord } from '../../../../shared/events/record.ts'
import { fraction } from '../../../../shared/kernel/entropy.ts'
import type { EpochMs } from '../../../../shared/kernel/ids.ts'
import type { Following, LogBatch } from '../../../../shared/ports/event-log.ts'
import type { Receiver } from '../../../../shared/ports/receivers.ts'
import type { SetKeyRing } from '../../../../shared/tokens/key-rings/index.ts'
import type { TransmitterDeps } from '../transmitter.ts'
import { deliver } from './deliver.ts'
import { controlMessage, type Message, messagesFor } from './mint-security-event.ts'

const firstWaitMs = 500
const waitMsMax = 60_000
const lookMs = 250

/**
 * Serves one receiver as long as this gateway holds its lease: follows the log from the cursor and
 * sends, one at a time and in the order of each partition, so a session's events keep theirs. What
 * fails is tried again until it arrives; the log is the queue. Not promised: once only. A lease
 * that ends while a request is on its way lets two gateways send one SET, with the same `jti`.
 */
export class ReceiverRun {
  readonly receiver: Receiver
  readonly #deps: TransmitterDeps
  readonly #ring: SetKeyRing
  readonly #stop = new AbortController()
  readonly #next = new Map<number, number>()
  /** The lease, by the store's clock. */
  #until: EpochMs
  #following: Promise<Following> | null = null
  #controlling: Promise<void> = Promise.resolve()
  #failing = false
  /** Changes while it runs, and takes effect at the next try. */
  #subjects: Receiver['subjects']
  /** Ids of what `control` was given. */
  readonly #taken = new Set<string>()
  /** Since it was last asked. */
  #moved = { delivered: false, refused: 0, control: [] as string[] }

  constructor(deps: TransmitterDeps, receiver: Receiver, ring: SetKeyRing) {
    this.#deps = deps
    this.#ring = ring
    this.receiver = receiver
    this.#subjects = receiver.subjects
    this.#until = receiver.lease?.until ?? (0 as EpochMs)
    for (const { partition, next } of receiver.cursor) this.#next.set(partition, next)
    if (receiver.status.state === 'enabled') this.#following = this.#follow()
    this.control(receiver)
  }

  get cursor(): Receiver['cursor'] {
    return [...this.#next]
      .sort(([a], [b]) => a - b)
      .map(([partition, next]) => ({ partition, next }))
  }

  /** What happened since the last call; the caller stores it. */
  takeMoved(): Readonly<{ delivered: boolean; refused: number; control: readonly string[] }> {
    const moved = this.#moved
    this.#moved = { delivered: false, refused: 0, control: [] }
    return moved
  }

  /** As if it had not been asked: it was not stored. */
  giveBack({ delivered, refused, control }: ReturnType<ReceiverRun['takeMoved']>): void {
    this.#moved.delivered ||= delivered
    this.#moved.refused += refused
    this.#moved.control.push(...control)
  }

  renewed(until: EpochMs): void {
    this.#until = until
  }

  toldOf(subjects: Receiver['subjects']): void {
    this.#subjects = subjects
  }

  /** Sends what is not of the log, beside it: a receiver that lags behind still verifies. */
  control({ control }: Receiver): void {
    for (const event of control.filter(({ id }) => !this.#taken.has(id))) {
      this.#taken.add(event.id)
      const { issuer } = this.#deps
      const message = controlMessage({ issuer, receiver: this.receiver }, event)
      this.#controlling = this.#controlling.then(async () => {
        if (await this.#send(message)) this.#moved.control.push(event.id)
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
          onBatch: (batch) => this.#take(batch),
          onTrouble: (error) => logger.debug({ receiver: id, error }, 'reading for a receiver'),
        })
      } catch (error) {
        logger.warn({ receiver: id, error: error as Error }, 'the log cannot be followed yet')
        if (signal.aborted) return { stop: async () => {} }
        await clock.sleep(firstWaitMs, signal)
      }
    }
  }

  async #take({ partition, records, end }: LogBatch): Promise<void> {
    const known = this.#next.get(partition) ?? 0
    // Beyond the end it is the place in another log; this one is told from its start.
    const from = known > end ? 0 : known
    for (const raw of records) {
      // What was not sent is not behind us: a follower may hand out one more batch while it stops.
      if (this.#stop.signal.aborted) return
      if (raw.offset < from) continue
      for (const message of this.#messages(raw)) {
        const isWanted = (): boolean => this.#messages(raw).length > 0
        if (!(await this.#send(message, isWanted))) return
        this.#moved.delivered = true
      }
      this.#next.set(partition, raw.offset + 1)
    }
  }

  // What does not decode is parked by the projector; nobody can be told of it.
  #messages(raw: RawRecord): readonly Message[] {
    const told = decodeEvent(raw)
    if (!told.ok) return []
    const receiver = { ...this.receiver, subjects: this.#subjects }
    return messagesFor({ issuer: this.#deps.issuer, receiver }, told)
  }

  /** `false` when the run was stopped first. What nobody wants any more is behind us. */
  async #send(message: Message, isWanted = (): boolean => true): Promise<boolean> {
    const { clock, entropy, storeClock } = this.#deps
    const { signal } = this.#stop
    for (let wait = firstWaitMs; !signal.aborted; ) {
      if (storeClock.now() >= this.#until) {
        await clock.sleep(lookMs, signal)
        continue
      }
      if (!isWanted()) return true
      const ring = this.#ring
      const { outcome, detail } = await deliver(this.#deps, this.receiver, {
        message,
        ring,
        signal,
      })
      if (signal.aborted) return false
      if (outcome !== 'failed') {
        this.#ended(message, outcome, detail)
        return true
      }
      this.#noteFailure(detail)
      await clock.sleep(wait / 2 + (wait / 2) * fraction(entropy), signal)
      wait = Math.min(wait * 2, waitMsMax)
    }
    return false
  }

  #ended({ jti }: Message, outcome: 'delivered' | 'refused', detail: string): void {
    const { logger } = this.#deps
    const fields = { receiver: this.receiver.id, kind: this.receiver.kind }
    if (this.#failing) logger.info(fields, 'a receiver takes what it is told again')
    this.#failing = false
    if (outcome === 'delivered') return
    this.#moved.refused += 1
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
