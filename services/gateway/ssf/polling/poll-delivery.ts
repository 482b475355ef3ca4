import { setImmediate } from 'node:timers/promises'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import type { Closable } from '../../../../shared/kernel/lifecycle.ts'
import type { Receiver } from '../../../../shared/ports/receivers.ts'
import { agreedSetRing } from '../events/agreed-set-ring.ts'
import { changeReceiver } from '../streams/change-receiver.ts'
import { endOfLog } from '../streams/create-receiver.ts'
import type { Message } from '../streams/receiver-messages.ts'
import type { TransmitterDeps } from '../transmitter-deps.ts'
import { pendingMessages, type Spans, settle } from './poll-progress.ts'
import type { PollReader } from './poll-reader.ts'
import { PollReaders } from './poll-readers.ts'
import { waitWithin } from './wait-within.ts'

export const longPollMs = 20_000
/** Also for a longer `maxEvents`: each SET costs a signature. */
export const setsMax = 100
const recheckEveryMs = 500
const closeIdleEveryMs = 5_000
const readMsMax = 5_000
const saveEveryMs = 5_000
const signedAtOnce = 10
const noSpans: Spans = new Map()

export type PollRequest = Readonly<{
  /** SETs of one answer; 0 = none. */
  max: number
  /** Whether to answer at once, also without SETs. */
  returnImmediately: boolean
  acked: readonly string[]
  /** The SETs that the receiver rejects, by `jti`, with its `err`. */
  refused: ReadonlyMap<string, string>
}>
export type PollAnswer = Readonly<{
  sets: Readonly<Record<string, string>>
  moreAvailable: boolean
}>

type StreamState = Readonly<{ stored: Receiver; reader: PollReader | null }>

/**
 * Answers polls (RFC 8936). Which SETs are not settled follows from the stored cursor and the log,
 * so any gateway can answer, and none is needed after it died. Delivery is at least once: two polls
 * at once may get the same SETs, and unacknowledged ones come again.
 */
export class PollDelivery implements Closable {
  readonly #deps: TransmitterDeps
  readonly #readers: PollReaders
  readonly #savedMs = new Map<string, number>()
  /** The open long poll of each stream. */
  readonly #longPolls = new Map<string, AbortController>()
  #isClosing = false

  constructor(deps: TransmitterDeps) {
    this.#deps = deps
    this.#readers = new PollReaders(deps)
  }

  /**
   * First stores what the request acknowledges and rejects. Then answers the SETs that are not
   * settled; if there are none, waits for some, at most 20 s or until `requestOver` aborts.
   * @throws AuthError NOT_FOUND if there is no such stream to poll, STORE_UNAVAILABLE,
   * LOG_UNAVAILABLE; then nothing was settled.
   */
  async poll(id: string, request: PollRequest, requestOver: AbortSignal): Promise<PollAnswer> {
    const { issuer, clock } = this.#deps
    let state = await this.#settle(await this.#readState(id), request)
    const longPoll = this.#openLongPoll(id, request, requestOver)
    try {
      for (const startedMs = clock.monotonicMs(); ; ) {
        const { stored, reader } = state
        const changeCount = reader?.changeCount() ?? 0
        const { messages, more } = pendingMessages(
          issuer,
          stored,
          reader?.spans ?? noSpans,
          request.max,
        )
        const isTimedOut = clock.monotonicMs() - startedMs >= longPollMs
        if (messages.length > 0 || longPoll === null || isTimedOut || longPoll.signal.aborted) {
          const moreAvailable = more || reader?.isBehind === true
          return { sets: await this.#signed(messages), moreAvailable }
        }
        const change = (stop: AbortSignal) =>
          reader?.changedSince(changeCount, stop) ?? clock.sleep(recheckEveryMs, stop)
        await waitWithin(clock, recheckEveryMs, change, longPoll.signal)
        state = await this.#saveProgress(await this.#readState(id))
      }
    } finally {
      if (longPoll && this.#longPolls.get(id) === longPoll) this.#longPolls.delete(id)
    }
  }

  /** Until `signal` aborts, closes the readers of streams that nobody polls; then closes all. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#deps.clock.sleep(closeIdleEveryMs, signal)
      for (const id of this.#readers.ids()) {
        if (await this.#readers.isIdle(id)) await this.#closeReader(id)
      }
    }
    await this.close()
    await Promise.all(this.#readers.ids().map((id) => this.#closeReader(id)))
  }

  /** Before the server closes: answers every open long poll, and opens none any more. */
  async close(): Promise<void> {
    this.#isClosing = true
    for (const longPoll of this.#longPolls.values()) longPoll.abort()
  }

  /** One long poll a stream: a newer poll means that the receiver gave up the older one. */
  #openLongPoll(
    id: string,
    { max, returnImmediately }: PollRequest,
    requestOver: AbortSignal,
  ): AbortController | null {
    if (max === 0 || returnImmediately || this.#isClosing || requestOver.aborted) return null
    const longPoll = new AbortController()
    requestOver.addEventListener('abort', () => longPoll.abort(), { once: true })
    this.#longPolls.get(id)?.abort()
    this.#longPolls.set(id, longPoll)
    return longPoll
  }

  /** @throws AuthError NOT_FOUND */
  async #readState(id: string): Promise<StreamState> {
    for (let tries = 0; tries < 4; tries += 1) {
      const stored = await this.#deps.receivers.get(id)
      const isOn = stored?.kind === 'ssf-poll' && stored.status.state !== 'disabled'
      if (!isOn) await this.#closeReader(id)
      if (stored?.kind !== 'ssf-poll') throw new AuthError('NOT_FOUND', 'it is not polled')
      if (!isOn) return { stored, reader: null }
      const reader = await this.#readers.of(stored)
      // Opening the reader may have restarted the cursor, under another generation.
      if (reader.generation !== stored.generation) continue
      // Another gateway may have stored acknowledgements.
      reader.dropBelow(stored.cursor)
      return { stored, reader }
    }
    throw new AuthError('STORE_CONTENDED', `the stream ${id} keeps changing`)
  }

  async #closeReader(id: string): Promise<void> {
    this.#savedMs.delete(id)
    await this.#readers.close(id)
  }

  /** Stores what the receiver acknowledged and rejected, before it gets more. */
  async #settle(
    { stored, reader }: StreamState,
    { acked, refused }: PollRequest,
  ): Promise<StreamState> {
    const ids = new Set([...acked, ...refused.keys()])
    if (ids.size === 0) return this.#saveProgress({ stored, reader })
    await this.#requireKnown(stored, reader, ids)
    const saved = await this.#save({ stored, reader }, ids, ({ newlySettled, receiver }) => {
      const rejected = newlySettled.filter((jti) => refused.has(jti)).length
      const took = newlySettled.length > rejected
      const deliveredAt = took ? this.#deps.storeClock.now() : receiver.deliveredAt
      return { ...receiver, refused: receiver.refused + rejected, deliveredAt }
    })
    for (const jti of saved.newlySettled) this.#noteOutcome(stored, jti, refused.get(jti))
    return { stored: saved.stored, reader }
  }

  /**
   * A SET that is not in this gateway's window may have been sent by a gateway that read further.
   * So this one reads up to the log's end before it takes the id for unknown.
   */
  async #requireKnown(
    { control }: Receiver,
    reader: PollReader | null,
    ids: ReadonlySet<string>,
  ): Promise<void> {
    const isKnown = (jti: string): boolean =>
      reader === null || reader.knows(jti) || control.some(({ id }) => id === jti)
    if ([...ids].every(isKnown) || reader === null) return
    const { log, clock } = this.#deps
    const ends = await endOfLog(log)
    let hasRead = false
    const reading = async (stop: AbortSignal): Promise<void> => {
      hasRead = await reader.readUpTo(ends, stop)
    }
    await waitWithin(clock, readMsMax, reading)
    if (!hasRead) throw new AuthError('LOG_UNAVAILABLE', 'nothing was acknowledged; send it again')
  }

  /**
   * Stores how far the cursor moved over entries that need not be sent; every 5 s at most, unless
   * the reader is full.
   */
  async #saveProgress(state: StreamState): Promise<StreamState> {
    const { stored, reader } = state
    if (!reader || !settle(this.#deps.issuer, stored, reader.spans).hasMoved) return state
    const nowMs = this.#deps.clock.monotonicMs()
    const isDue = nowMs - (this.#savedMs.get(stored.id) ?? Number.NEGATIVE_INFINITY) >= saveEveryMs
    if (!isDue && !reader.isFull) return state
    const saved = await this.#save(state, new Set(), ({ receiver }) => receiver)
    return { stored: saved.stored, reader }
  }

  async #save(
    { stored: { id }, reader }: StreamState,
    ids: ReadonlySet<string>,
    changed: (outcome: ReturnType<typeof settle>) => Receiver,
  ): Promise<Readonly<{ stored: Receiver; newlySettled: readonly string[] }>> {
    let newlySettled: readonly string[] = []
    const stored = await changeReceiver(this.#deps.receivers, id, (now) => {
      // The window of another generation is not valid for this cursor.
      const spans = now.generation === reader?.generation ? reader.spans : noSpans
      const outcome = settle(this.#deps.issuer, now, spans, ids)
      newlySettled = outcome.newlySettled
      return newlySettled.length > 0 || outcome.hasMoved ? changed(outcome) : null
    })
    if (stored?.kind !== 'ssf-poll') throw new AuthError('NOT_FOUND', 'it is not polled')
    if (stored.generation === reader?.generation) reader.dropBelow(stored.cursor)
    this.#savedMs.set(id, this.#deps.clock.monotonicMs())
    return { stored, newlySettled }
  }

  #noteOutcome({ id, kind }: Receiver, jti: string, err: string | undefined): void {
    const { logger, meter } = this.#deps
    const outcome = err === undefined ? 'delivered' : 'refused'
    meter?.count('curfew_set_deliveries_total', { kind, outcome })
    if (err === undefined) return
    const fields = { receiver: id, kind, jti, reason: err }
    logger.error(fields, 'a receiver refused; it is not told again')
  }

  async #signed(messages: readonly Message[]): Promise<Record<string, string>> {
    if (messages.length === 0) return {}
    const ring = await agreedSetRing(this.#deps)
    const sets: Record<string, string> = {}
    for (const [index, { jti, mint }] of messages.entries()) {
      // A signature takes a third of a millisecond, during which nobody else is served.
      if (index > 0 && index % signedAtOnce === 0) await setImmediate()
      sets[jti] = mint(ring, this.#deps.storeClock.now())
    }
    return sets
  }
}
