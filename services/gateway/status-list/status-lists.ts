import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Clock } from '../../../shared/kernel/clock.ts'
import { ConcurrencyQueue } from '../../../shared/kernel/concurrency/concurrency-queue.ts'
import { SingleFlight } from '../../../shared/kernel/concurrency/single-flight.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { type EpochMs, type EpochSeconds, secondsOf } from '../../../shared/kernel/ids.ts'
import type { Position } from '../../../shared/kernel/position.ts'
import { withTimeout } from '../../../shared/kernel/retry.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import { isPassed, parseListName, passedNames } from '../../../shared/session/listing.ts'
import type { AccessKeys } from '../../../shared/tokens/key-rings/index.ts'
import { signStatusList } from '../../../shared/tokens/status-list/index.ts'
import type { StoreClock } from '../publication/index.ts'
import { buildList } from './build-list.ts'
import { type RevocationsInForce, readRevocationsInForce } from './revocations-in-force.ts'

const zipped = promisify(gzip)

/** A built list is handed out for this long, or for its `ttl` where that is shorter. */
export const keptMsMax = 5_000
/** Builds of one list are so far apart, whoever wants a newer one: they read thousands of rows. */
const apartMs = 500
/** Of all lists: who asks for every list at once must not fill the memory, or starve a login. */
const builds = { runningMax: 4, waitingMax: 64, refusal: 'too many status lists at once' }
/** More than that many lists hold a hundred million tokens. */
const namedMax = 2_000

/**
 * Until when something is handed out: by the store's clock, and by the monotonic one, since the
 * store's stands still for as long as it was set back.
 */
type KeptUntil = Readonly<{ keptUntil: EpochMs; keptUntilMs: number }>

export type ServedList = KeptUntil &
  Readonly<{
    token: string
    gzipped: Buffer
    /** Every revocation acknowledged before this instant of the store is in it. */
    known: EpochMs
    /** Until when readers may use it. */
    usedUntil: EpochMs
  }>
export type NamedLists = KeptUntil & Readonly<{ uris: readonly string[] }>

type Options = Readonly<{
  store: Pick<EventStore, 'listAfter' | 'listed' | 'standingEnds'>
  storeClock: StoreClock
  clock: Clock
  keys: AccessKeys
  /** The address before the name of a list, without a slash at its end. */
  address: string
  ttlMs: number
  deadlineMs: number
}>

type Kept = { readonly run: SingleFlight<ServedList | null>; served: ServedList | null }

/** Where lists stand: that of a token is this, a slash and the name. */
export const listsAddress = (baseUrl: string): string => `${baseUrl}/status-lists`

/**
 * Builds status lists out of the event store, and hands each out for a short while. Reads begin
 * after the build does, so all that was acknowledged before it is in the list: no projector, no
 * log and no clock take part in that. One build of a list runs at a time.
 */
export class StatusLists {
  readonly #options: Options
  readonly #keptMs: number
  readonly #kept = new Map<string, Kept>()
  readonly #ends: SingleFlight<RevocationsInForce>
  readonly #names: SingleFlight<NamedLists>
  readonly #slots = new ConcurrencyQueue(builds)
  #named: NamedLists | null = null

  constructor(options: Options) {
    this.#options = options
    this.#keptMs = Math.min(keptMsMax, options.ttlMs)
    const { store, storeClock } = options
    this.#ends = new SingleFlight(() => readRevocationsInForce(store, storeClock.now()))
    this.#names = new SingleFlight(() => this.#name())
  }

  /**
   * The list of that name, at least as new as `minimum`; `null` where there is none, or none any
   * more.
   * @throws AuthError STORE_UNAVAILABLE, OVERLOADED
   */
  async list(text: string, minimum: Position | null): Promise<ServedList | null> {
    const { storeClock } = this.#options
    const name = parseListName(text)
    if (!name || isPassed(name, storeClock.now())) return null
    this.#forget()
    const kept = this.#keptFor(text, () => this.#build(text))
    const { served } = kept
    if (served && knows(served, minimum)) return served
    const built = await this.#inTime(minimum ? kept.run.runAfresh() : kept.run.joinRunning())
    // A build can be so slow that nobody may use what came of it.
    if (built && storeClock.now() >= built.usedUntil) throw tooSlow()
    return built
  }

  /** The addresses of all lists that are not passed. @throws AuthError STORE_UNAVAILABLE */
  async named(): Promise<NamedLists> {
    if (this.#named && this.keptMs(this.#named) > 0) return this.#named
    return this.#inTime(this.#names.joinRunning())
  }

  /** For how long it is still handed out; 0 = no more. */
  keptMs({ keptUntil, keptUntilMs }: KeptUntil): number {
    const { clock, storeClock } = this.#options
    return Math.max(0, Math.min(keptUntil - storeClock.now(), keptUntilMs - clock.monotonicMs()))
  }

  #inTime<T>(work: Promise<T>): Promise<T> {
    const { clock, deadlineMs } = this.#options
    return withTimeout(clock, deadlineMs, work, tooSlow)
  }

  #keptFor(text: string, build: () => Promise<ServedList | null>): Kept {
    const kept = this.#kept.get(text)
    if (kept) return kept
    const { clock } = this.#options
    let begunMs = Number.NEGATIVE_INFINITY
    const run = new SingleFlight(async () => {
      const waitMs = begunMs + apartMs - clock.monotonicMs()
      if (waitMs > 0) await clock.sleep(waitMs)
      begunMs = clock.monotonicMs()
      const served = await build()
      made.served = served
      return served
    })
    const made: Kept = { run, served: null }
    this.#kept.set(text, made)
    return made
  }

  /** What is not handed out any more, and names that somebody made up. */
  #forget(): void {
    for (const [text, kept] of this.#kept) {
      if (kept.served && this.keptMs(kept.served) === 0) kept.served = null
      if (!kept.served && kept.run.isIdle) this.#kept.delete(text)
    }
  }

  async #build(text: string): Promise<ServedList | null> {
    const { store, storeClock, keys, address, ttlMs } = this.#options
    const name = parseListName(text)
    if (!name) return null
    const begun = storeClock.now()
    const kept = this.#keptFrom(begun)
    const known = Math.floor(begun - storeClock.errorMs()) as EpochMs
    const readEnds = (): Promise<RevocationsInForce> => this.#ends.runAfresh()
    const bits = await buildList(store, { text, name }, { readEnds, slots: this.#slots })
    if (!bits) return null
    const ttl = Math.floor(ttlMs / 1_000)
    const exp = (Math.floor(kept.keptUntil / 1_000) + ttl) as EpochSeconds
    const token = signStatusList(keys, {
      sub: `${address}/${text}`,
      iat: secondsOf(known),
      exp,
      ttl,
      status_list: { bits: 1, lst: bits.compressed(), aggregation_uri: address },
    })
    const usedUntil = (exp * 1_000) as EpochMs
    return { token, gzipped: await zipped(token), known, ...kept, usedUntil }
  }

  #keptFrom(begun: EpochMs): KeptUntil {
    const keptUntilMs = this.#options.clock.monotonicMs() + this.#keptMs
    return { keptUntil: (begun + this.#keptMs) as EpochMs, keptUntilMs }
  }

  async #name(): Promise<NamedLists> {
    const { store, storeClock, address } = this.#options
    const begun = storeClock.now()
    const kept = this.#keptFrom(begun)
    const uris: string[] = []
    let name = await store.listAfter(passedNames(begun))
    while (name !== null && uris.length < namedMax) {
      const parsed = parseListName(name)
      if (parsed && !isPassed(parsed, begun)) uris.push(`${address}/${name}`)
      name = await store.listAfter(name)
    }
    this.#named = { uris, ...kept }
    return this.#named
  }
}

const tooSlow = (): AuthError =>
  new AuthError('STORE_UNAVAILABLE', 'the list was not read in time', { retryAfterMs: 1_000 })

/** An offset of the log says nothing of when: only a build that begins now knows it for sure. */
const knows = ({ known }: ServedList, minimum: Position | null): boolean =>
  minimum === null || (minimum.kind === 'instant' && minimum.t < known)
