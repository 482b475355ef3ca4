import type { Clock } from '../kernel/clock.ts'
import { networkOf } from '../kernel/ip-address.ts'

const windowMs = 5 * 60_000
/** A person who mistypes and a program that tries again a few times stay below. */
const wrongMax = 30
/** Addresses that are counted, and pairs of address and client that are known to be right. */
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
 * Wrong secrets of service clients, counted by address in fixed windows, in this process: N
 * processes allow N times as many. From an address that is over its count every client is refused,
 * but for those that were right from there before: one bad replica must not shut out the others
 * behind the same proxy.
 */
export class WrongSecrets {
  readonly #clock: Clock
  readonly #counts = new Map<string, Count>()
  readonly #right = new Set<string>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How long this client is refused from there, in ms; 0 when it is not. */
  refusedForMs(address: string, client: string): number {
    const network = networkOf(address)
    const count = this.#counts.get(network)
    if (!count || count.wrong.size < wrongMax || this.#right.has(`${network} ${client}`)) return 0
    return Math.max(0, count.untilMs - this.#clock.monotonicMs())
  }

  right(address: string, client: string): void {
    const pair = `${networkOf(address)} ${client}`
    if (this.#right.has(pair)) return
    makeRoom(this.#right)
    this.#right.add(pair)
  }

  /**
   * `guess` is a digest of what was sent. The same again counts once: a program that keeps on
   * sending an old secret guesses nothing, nor does a proxy's own `Basic` beside a cookie.
   */
  wrong(address: string, guess: string): void {
    const network = networkOf(address)
    const nowMs = this.#clock.monotonicMs()
    const count = this.#counts.get(network)
    if (count && nowMs < count.untilMs) {
      if (count.wrong.size < wrongMax) count.wrong.add(guess)
      return
    }
    this.#counts.delete(network)
    makeRoom(this.#counts)
    this.#counts.set(network, { wrong: new Set([guess]), untilMs: nowMs + windowMs })
  }
}
