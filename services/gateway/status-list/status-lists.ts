import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Clock } from '../../../shared/kernel/clock.ts'
import { ConcurrencyQueue } from '../../../shared/kernel/concurrency/concurrency-queue.ts'
import { SingleFlight } from '../../../shared/kernel/concurrency/single-flight.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { type EpochMs, type EpochSeconds, secondsOf } from '../../../shared/kernel/ids.ts'
import { withTimeout } from '../../../shared/kernel/retry.ts'
import type { Position } from '../../../shared/kernel/revocation-position.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import { isPassed, parseListName, passedNames } from '../../../shared/session/status-list-index.ts'
import type { AccessKeys } from '../../../shared/tokens/key-rings/index.ts'
import { signStatusList } from '../../../shared/tokens/status-list/index.ts'
import type { StoreClock } from '../publication/index.ts'
import { buildStatusBits } from './build-status-bits.ts'
import { type RevocationsInForce, readRevocationsInForce } from './revocations-in-force.ts'

const zipped = promisify(gzip)

/** A built list is served for this long, or for its `ttl` if that is shorter. */
export const cachedMsMax = 5_000
/** One list is built no more often, whoever wants a newer one: a build reads thousands of rows. */
const buildEveryMs = 500
/**
 * The limits for all lists together: requests for every list must not fill the memory or starve a
 * login.
 */
const builds = { runningMax: 4, waitingMax: 64, refusal: 'too many status lists at once' }
/** That many lists hold a hundred million tokens. */
const listedNamesMax = 2_000

/**
 * Until when a result is served: by the store's clock, and by the monotonic clock as well, since
 * the store's clock stands still for as long as it was set back.
 */
type CachedUntil = Readonly<{ cachedUntil: EpochMs; cachedUntilMs: number }>

export type ServedList = CachedUntil &
  Readonly<{
    token: string
    gzipped: Buffer
    /** Every revocation that was acknowledged before this instant of the store is in the list. */
    known: EpochMs
    /** Until when readers may use their copy. */
    usableUntil: EpochMs
  }>
export type ListAddresses = CachedUntil & Readonly<{ uris: readonly string[] }>

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

type CachedList = { readonly run: SingleFlight<ServedList | null>; served: ServedList | null }

/** The address of all lists; that of one list is this, a slash and its name. */
export const listsAddress = (baseUrl: string): string => `${baseUrl}/status-lists`

/**
 * Builds status lists from the event store, and serves each for a few seconds. The store is read
 * after the build begins, so every revocation acknowledged before that is in the list; projector,
 * log and clocks take no part in this. One build of a list runs at a time.
 */
export class StatusLists {
  readonly #options: Options
  readonly #cachedForMs: number
  readonly #cache = new Map<string, CachedList>()
  readonly #revocations: SingleFlight<RevocationsInForce>
  readonly #addressesRun: SingleFlight<ListAddresses>
  readonly #slots = new ConcurrencyQueue(builds)
  #addresses: ListAddresses | null = null

  constructor(options: Options) {
    this.#options = options
    this.#cachedForMs = Math.min(cachedMsMax, options.ttlMs)
    const { store, storeClock } = options
    this.#revocations = new SingleFlight(() => readRevocationsInForce(store, storeClock.now()))
    this.#addressesRun = new SingleFlight(() => this.#readAddresses())
  }

  /**
   * The list of that name, at least as new as `minimum`; `null` if there is none, or if all its
   * tokens are expired.
   * @throws AuthError STORE_UNAVAILABLE, OVERLOADED
   */
  async list(text: string, minimum: Position | null): Promise<ServedList | null> {
    const { storeClock } = this.#options
    const name = parseListName(text)
    if (!name || isPassed(name, storeClock.now())) return null
    this.#dropExpired()
    const cached = this.#cachedList(text, () => this.#build(text))
    const { served } = cached
    if (served && knows(served, minimum)) return served
    const built = await this.#withinDeadline(
      minimum ? cached.run.runAfresh() : cached.run.joinRunning(),
    )
    // A build can be so slow that its list has expired.
    if (built && storeClock.now() >= built.usableUntil) throw tooSlow()
    return built
  }

  /** The addresses of all lists whose tokens may be alive. @throws AuthError STORE_UNAVAILABLE */
  async addresses(): Promise<ListAddresses> {
    if (this.#addresses && this.cachedForMs(this.#addresses) > 0) return this.#addresses
    return this.#withinDeadline(this.#addressesRun.joinRunning())
  }

  /** For how long a result is still served; 0 = no more. */
  cachedForMs({ cachedUntil, cachedUntilMs }: CachedUntil): number {
    const { clock, storeClock } = this.#options
    return Math.max(
      0,
      Math.min(cachedUntil - storeClock.now(), cachedUntilMs - clock.monotonicMs()),
    )
  }

  #withinDeadline<T>(work: Promise<T>): Promise<T> {
    const { clock, deadlineMs } = this.#options
    return withTimeout(clock, deadlineMs, work, tooSlow)
  }

  #cachedList(text: string, build: () => Promise<ServedList | null>): CachedList {
    const cached = this.#cache.get(text)
    if (cached) return cached
    const { clock } = this.#options
    let startedMs = Number.NEGATIVE_INFINITY
    const run = new SingleFlight(async () => {
      const waitMs = startedMs + buildEveryMs - clock.monotonicMs()
      if (waitMs > 0) await clock.sleep(waitMs)
      startedMs = clock.monotonicMs()
      const served = await build()
      entry.served = served
      return served
    })
    const entry: CachedList = { run, served: null }
    this.#cache.set(text, entry)
    return entry
  }

  /** Drops lists that are not served any more, and made-up names. */
  #dropExpired(): void {
    for (const [text, cached] of this.#cache) {
      if (cached.served && this.cachedForMs(cached.served) === 0) cached.served = null
      if (!cached.served && cached.run.isIdle) this.#cache.delete(text)
    }
  }

  async #build(text: string): Promise<ServedList | null> {
    const { store, storeClock, keys, address, ttlMs } = this.#options
    const name = parseListName(text)
    if (!name) return null
    const startedAt = storeClock.now()
    const until = this.#cachedUntil(startedAt)
    const known = Math.floor(startedAt - storeClock.errorMs()) as EpochMs
    const readRevocations = (): Promise<RevocationsInForce> => this.#revocations.runAfresh()
    const bits = await buildStatusBits(
      store,
      { text, name },
      { readRevocations, slots: this.#slots },
    )
    if (!bits) return null
    const ttl = Math.floor(ttlMs / 1_000)
    const exp = (Math.floor(until.cachedUntil / 1_000) + ttl) as EpochSeconds
    const token = signStatusList(keys, {
      sub: `${address}/${text}`,
      iat: secondsOf(known),
      exp,
      ttl,
      status_list: { bits: 1, lst: bits.compressed(), aggregation_uri: address },
    })
    const usableUntil = (exp * 1_000) as EpochMs
    return { token, gzipped: await zipped(token), known, ...until, usableUntil }
  }

  #cachedUntil(startedAt: EpochMs): CachedUntil {
    const cachedUntilMs = this.#options.clock.monotonicMs() + this.#cachedForMs
    return { cachedUntil: (startedAt + this.#cachedForMs) as EpochMs, cachedUntilMs }
  }

  async #readAddresses(): Promise<ListAddresses> {
    const { store, storeClock, address } = this.#options
    const startedAt = storeClock.now()
    const until = this.#cachedUntil(startedAt)
    const uris: string[] = []
    let name = await store.listAfter(passedNames(startedAt))
    while (name !== null && uris.length < listedNamesMax) {
      const parsed = parseListName(name)
      if (parsed && !isPassed(parsed, startedAt)) uris.push(`${address}/${name}`)
      name = await store.listAfter(name)
    }
    this.#addresses = { uris, ...until }
    return this.#addresses
  }
}

const tooSlow = (): AuthError =>
  new AuthError('STORE_UNAVAILABLE', 'the list was not read in time', { retryAfterMs: 1_000 })

/** An offset of the log is no instant: only a build that begins now is sure to know it. */
const knows = ({ known }: ServedList, minimum: Position | null): boolean =>
  minimum === null || (minimum.kind === 'instant' && minimum.t < known)
