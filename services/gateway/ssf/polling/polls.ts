import { setImmediate } from 'node:timers/promises'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import type { Closable } from '../../../../shared/kernel/lifecycle.ts'
import type { Receiver } from '../../../../shared/ports/receivers.ts'
import type { Message } from '../delivery/mint-security-event.ts'
import { agreedSetRing } from '../delivery/set-ring.ts'
import { changeReceiver } from '../streams/change-receiver.ts'
import { endOfLog } from '../streams/new-receiver.ts'
import type { TransmitterDeps } from '../transmitter.ts'
import { openPollReader } from './open-poll-reader.ts'
import { pendingOf, type Spans, settled } from './poll-progress.ts'
import type { PollReader } from './poll-reader.ts'
import { waitWithin } from './wait-within.ts'

export const longPollMs = 20_000
/** Also for a longer `maxEvents`: each SET costs a signature. */
export const setsMax = 100
const lookMs = 500
const idleMsMax = 5 * 60_000
const tendMs = 5_000
const readingMsMax = 5_000
const saveMs = 5_000
const signedAtOnce = 10
const noSpans: Spans = new Map()

export type Asked = Readonly<{
  /** SETs of one answer; 0 = none. */
  max: number
  /** Whether to answer also when there is nothing. */
  atOnce: boolean
  acked: readonly string[]
  /** What the receiver does not want, by `jti`, with its `err`. */
  refused: ReadonlyMap<string, string>
}>
export type Given = Readonly<{
  sets: Readonly<Record<string, string>>
  moreAvailable: boolean
}>

type Stand = Readonly<{ stored: Receiver; reader: PollReader | null }>

/**
 * Answers polls (RFC 8936), each gateway for itself: which SETs are open follows from the stored
 * cursor and the log, so any gateway may be asked, and one that died is not missed. Not promised:
 * once only. Two polls at once may get the same SETs, and unacknowledged ones come again.
 */
export class Polls implements Closable {
  readonly #deps: TransmitterDeps
  readonly #readers = new Map<string, Promise<PollReader>>()
  readonly #savedMs = new Map<string, number>()
  /** Of each stream the poll that waits. */
  readonly #waiting = new Map<string, AbortController>()
  #isClosing = false

  constructor(deps: TransmitterDeps) {
    this.#deps = deps
  }

  /**
   * Settles what `asked` says, then gives what is open, or waits for it until `gone` aborts.
   * @throws AuthError NOT_FOUND when there is no such stream to poll, STORE_UNAVAILABLE,
   * LOG_UNAVAILABLE; then nothing was settled.
   */
  async poll(id: string, asked: Asked, gone: AbortSignal): Promise<Given> {
    const { issuer, clock } = this.#deps
    let stand = await this.#settle(await this.#stand(id), asked)
    const wait = this.#waitOf(id, asked, gone)
    try {
      for (const startedMs = clock.monotonicMs(); ; ) {
        const { stored, reader } = stand
        const seen = reader?.seen() ?? 0
        const { messages, more } = pendingOf(issuer, stored, reader?.spans ?? noSpans, asked.max)
        const isLate = clock.monotonicMs() - startedMs >= longPollMs
        if (messages.length > 0 || wait === null || isLate || wait.signal.aborted) {
          const moreAvailable = more || reader?.isBehind === true
          return { sets: await this.#signed(messages), moreAvailable }
        }
        const news = (over: AbortSignal) => reader?.more(seen, over) ?? clock.sleep(lookMs, over)
        await waitWithin(clock, lookMs, news, wait.signal)
        stand = await this.#moved(await this.#stand(id))
      }
    } finally {
      if (wait && this.#waiting.get(id) === wait) this.#waiting.delete(id)
    }
  }

  /** Closes readers that nobody polls, until `signal` aborts, and then all. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#deps.clock.sleep(tendMs, signal)
      for (const [id, opening] of [...this.#readers]) {
        const reader = await opening.catch(() => null)
        if (reader === null || reader.idleMs > idleMsMax) await this.#drop(id)
      }
    }
    await this.close()
    await Promise.all([...this.#readers.keys()].map((id) => this.#drop(id)))
  }

  /** Answers whoever waits, and lets nobody wait any more: the server is about to close. */
  async close(): Promise<void> {
    this.#isClosing = true
    for (const waiting of this.#waiting.values()) waiting.abort()
  }

  /** One waits for each stream: a newer poll means that its receiver gave the older one up. */
  #waitOf(id: string, { max, atOnce }: Asked, gone: AbortSignal): AbortController | null {
    if (max === 0 || atOnce || this.#isClosing || gone.aborted) return null
    const wait = new AbortController()
    gone.addEventListener('abort', () => wait.abort(), { once: true })
    this.#waiting.get(id)?.abort()
    this.#waiting.set(id, wait)
    return wait
  }

  /** @throws AuthError NOT_FOUND */
  async #stand(id: string): Promise<Stand> {
    for (let tries = 0; tries < 4; tries += 1) {
      const stored = await this.#deps.receivers.get(id)
      const isOn = stored?.kind === 'ssf-poll' && stored.status.state !== 'disabled'
      if (!isOn) await this.#drop(id)
      if (stored?.kind !== 'ssf-poll') throw new AuthError('NOT_FOUND', 'it is not polled')
      if (!isOn) return { stored, reader: null }
      const reader = await this.#readerOf(stored)
      // Opening it may have begun the cursor anew.
      if (reader.generation !== stored.generation) continue
      // Another gateway may have stored what it was told.
      reader.forget(stored.cursor)
      return { stored, reader }
    }
    throw new AuthError('STORE_CONTENDED', `the stream ${id} keeps changing`)
  }

  async #readerOf(stored: Receiver): Promise<PollReader> {
    const { id, generation } = stored
    const opening = this.#readers.get(id)
    const known = await opening?.catch(() => null)
    if (known?.generation === generation && !known.isOutdated) {
      known.used()
      return known
    }
    // Another poll may have opened one meanwhile.
    const other = this.#readers.get(id)
    if (other && other !== opening) return other
    const next = openPollReader(this.#deps, stored)
    this.#readers.set(id, next)
    // Together: a failure of `next` that nobody awaits yet would end the process.
    const [reader] = await Promise.all([next, known?.stop()])
    return reader
  }

  async #drop(id: string): Promise<void> {
    const opening = this.#readers.get(id)
    this.#readers.delete(id)
    this.#savedMs.delete(id)
    await opening?.then((reader) => reader.stop()).catch(() => {})
  }

  /** Stores what the receiver settled, before it is told anything more. */
  async #settle({ stored, reader }: Stand, { acked, refused }: Asked): Promise<Stand> {
    const ids = new Set([...acked, ...refused.keys()])
    if (ids.size === 0) return this.#moved({ stored, reader })
    await this.#known(stored, reader, ids)
    const saved = await this.#save({ stored, reader }, ids, ({ ended, receiver }) => ({
      ...receiver,
      refused: receiver.refused + ended.filter((jti) => refused.has(jti)).length,
    }))
    for (const jti of saved.ended) this.#note(stored, jti, refused.get(jti))
    return { stored: saved.stored, reader }
  }

  /**
   * What is in no window here may have been given by a gateway that read further: this one reads up
   * to the end of now before it says that there is no such SET.
   */
  async #known(
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
    const reading = async (over: AbortSignal): Promise<void> => {
      hasRead = await reader.hasRead(ends, over)
    }
    await waitWithin(clock, readingMsMax, reading)
    if (!hasRead) throw new AuthError('LOG_UNAVAILABLE', 'nothing was acknowledged; send it again')
  }

  /** Stores how far the cursor came over what nobody has to be told of; not at each step. */
  async #moved(stand: Stand): Promise<Stand> {
    const { stored, reader } = stand
    if (!reader || !settled(this.#deps.issuer, stored, reader.spans).hasMoved) return stand
    const nowMs = this.#deps.clock.monotonicMs()
    const isDue = nowMs - (this.#savedMs.get(stored.id) ?? Number.NEGATIVE_INFINITY) >= saveMs
    if (!isDue && !reader.isFull) return stand
    const saved = await this.#save(stand, new Set(), ({ receiver }) => receiver)
    return { stored: saved.stored, reader }
  }

  async #save(
    { stored: { id }, reader }: Stand,
    ids: ReadonlySet<string>,
    made: (outcome: ReturnType<typeof settled>) => Receiver,
  ): Promise<Readonly<{ stored: Receiver; ended: readonly string[] }>> {
    let ended: readonly string[] = []
    const stored = await changeReceiver(this.#deps.receivers, id, (now) => {
      // Of another generation its window says nothing.
      const spans = now.generation === reader?.generation ? reader.spans : noSpans
      const outcome = settled(this.#deps.issuer, now, spans, ids)
      ended = outcome.ended
      return ended.length > 0 || outcome.hasMoved ? made(outcome) : null
    })
    if (stored?.kind !== 'ssf-poll') throw new AuthError('NOT_FOUND', 'it is not polled')
    if (stored.generation === reader?.generation) reader.forget(stored.cursor)
    this.#savedMs.set(id, this.#deps.clock.monotonicMs())
    return { stored, ended }
  }

  #note({ id, kind }: Receiver, jti: string, err: string | undefined): void {
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
      // A signature takes a third of a millisecond, and others wait for this thread.
      if (index > 0 && index % signedAtOnce === 0) await setImmediate()
      sets[jti] = mint(ring, this.#deps.storeClock.now())
    }
    return sets
  }
}
