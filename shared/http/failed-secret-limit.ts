import { networkOf } from '../kernel/addresses/ip-address.ts'
import type { Clock } from '../kernel/clock.ts'

const windowMs = 5 * 60_000
/** A person who mistypes and a program that tries again a few times stay below. */
const wrongMax = 30
/** Pairs of address and client that are counted, and those that are known to be right. */
const keptMax = 10_000

type Count = Readonly<{ wrong: Set<string>; untilMs: number }>

/** Room for one more: whoever came first goes. */
const makeRoom = (kept: {
  size: number
  keys(): Iterator<string>
  delete(key: string): unknown
}) => {
  const oldest = kept.size >= keptMax ? kept.keys().next() : null
  if (oldest && !oldest.done) kept.delete(oldest.value)
}

/**
 * Wrong secrets of service clients, counted in fixed windows by address and client, in this
 * process: N processes allow N times as many. A client that is over its count at an address is
 * refused from there, whatever it sends; one that was right from there before may be wrong ten
 * times as often, since a bad replica must not shut out the others behind the same proxy. Ids that
 * nobody configured share one count, which shuts out no client.
 */
export class FailedSecretLimit {
  readonly #clock: Clock
  readonly #counts = new Map<string, Count>()
  readonly #right = new Set<string>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How long this client is refused from there, in ms; 0 when it is not. */
  refusedForMs(address: string, client: string): number {
    const pair = pairOf(address, client)
    const count = this.#counts.get(pair)
    if (!count || count.wrong.size < this.#maxOf(pair)) return 0
    return Math.max(0, count.untilMs - this.#clock.monotonicMs())
  }

  right(address: string, client: string): void {
    const pair = pairOf(address, client)
    if (this.#right.has(pair)) return
    makeRoom(this.#right)
    this.#right.add(pair)
  }

  /**
   * `guess` is a digest of what was sent. The same again counts once: a program that keeps on
   * sending an old secret guesses nothing, nor does a proxy's own `Basic` beside a cookie.
   */
  wrong(address: string, client: string, guess: string): void {
    const pair = pairOf(address, client)
    const nowMs = this.#clock.monotonicMs()
    const count = this.#counts.get(pair)
    if (count && nowMs < count.untilMs) {
      if (count.wrong.size < this.#maxOf(pair)) count.wrong.add(guess)
      return
    }
    this.#counts.delete(pair)
    makeRoom(this.#counts)
    this.#counts.set(pair, { wrong: new Set([guess]), untilMs: nowMs + windowMs })
  }

  #maxOf(pair: string): number {
    return this.#right.has(pair) ? 10 * wrongMax : wrongMax
  }
}

const pairOf = (address: string, client: string): string => `${networkOf(address)} ${client}`
