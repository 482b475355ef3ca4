import { systemClock } from '../../../shared/kernel/clock.ts'
import type { Dice } from '../fakes/dice.ts'
import type { Reply } from '../requests/visitor.ts'
import type { Seat } from './seat.ts'
import type { Service } from './service.ts'
import { maxStalenessMs } from './site.ts'

const now = (): number => systemClock.monotonicMs()

export type Tally = { asked: number; accepted: number; refused: number; unavailable: number }
type Door = Readonly<{ service: Service; path: string; knowsAtOnce: boolean }>
type Asked = Readonly<{ atMs: number; named: boolean; reply: Reply | null }>

/** The guard's own bound on the age of what it knew, in ms. */
const stalenessIn = ({ headers }: Reply): number => {
  const said = headers.get('curfew-staleness')
  const ms = said === null ? Number.POSITIVE_INFINITY : Number(said) * 1_000
  // Older than this it asks the gateway, and such an answer is kept no longer than this.
  return Number.isFinite(ms) ? Math.min(ms, maxStalenessMs) : maxStalenessMs
}

/** Asks one door about sessions, live and ended, and says which answers must not be. */
export class Watcher {
  readonly door: Door
  readonly #dice: Dice
  readonly #onViolation: (said: string) => void
  readonly tally: Tally = { asked: 0, accepted: 0, refused: 0, unavailable: 0 }

  constructor(door: Door, dice: Dice, onViolation: (said: string) => void) {
    this.door = door
    this.#dice = dice
    this.#onViolation = onViolation
  }

  /** Whether the answer was the one that a whole fleet gives. */
  async look(seat: Seat): Promise<boolean> {
    const asked = await this.#ask(seat)
    const { reply } = asked
    if (!reply || (reply.status !== 200 && reply.status !== 401)) {
      this.tally.unavailable += 1
      return false
    }
    if (reply.status === 200) this.tally.accepted += 1
    else this.tally.refused += 1
    const wrong =
      reply.status === 200 ? this.#wronglyIn(seat, asked) : this.#wronglyOut(seat, asked)
    if (wrong) this.#onViolation(wrong)
    const { ending } = seat
    return ending ? reply.status === 401 : seat.isLive && reply.status === 200
  }

  async #ask(seat: Seat): Promise<Asked> {
    const { service, path, knowsAtOnce } = this.door
    const position = seat.ending?.position ?? null
    const named = !knowsAtOnce && position !== null && this.#dice.chance(40)
    const headers = named && position !== null ? { 'revocation-position': position } : {}
    const atMs = now()
    this.tally.asked += 1
    const reply = await seat.visitor
      .copy()
      .get(`${service.url}${path}`, headers)
      .catch(() => null)
    return { atMs, named, reply }
  }

  /** Accepted: the session must not have ended before what the door says it knows. */
  #wronglyIn({ ending, name }: Seat, { atMs, named, reply }: Asked): string | null {
    if (!ending || !reply || ending.atMs >= atMs) return null
    const ageMs = Math.round(atMs - ending.atMs)
    const { service, knowsAtOnce } = this.door
    const told = `${service.name} accepted ${name}, ended ${ageMs} ms before (${ending.by})`
    if (knowsAtOnce) return told
    if (named) return `${told}, at position ${ending.position}`
    const staleness = stalenessIn(reply)
    return ageMs > staleness ? `${told}, and calls itself ${Math.round(staleness)} ms old` : null
  }

  /** Refused: the session must not have been live all the time. */
  #wronglyOut(seat: Seat, { atMs, reply }: Asked): string | null {
    const { service } = this.door
    if (!seat.wasLiveAt(atMs) || service.clock.wasWrongAt(atMs)) return null
    return `${service.name} refused ${seat.name}, which is live: ${JSON.stringify(reply?.body)}`
  }
}
