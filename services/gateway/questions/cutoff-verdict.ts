import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { clocksMs, raceMs } from '../../../shared/session/session-policy.ts'
import { type Asking, firstOf } from '../audit/index.ts'
import { eventsOf, type Known } from './question-rows.ts'

/** The first token of a session. */
export type Login = Known<'TokenIssued'>

/**
 * Whether a cutoff ended a session. Events do not tell a session’s epoch, so times do: a login
 * reads the cutoffs between its arrival and its append. `raced`: they were so close together that
 * either may have been first. `broken`: it ended the session, which was used long after it.
 */
export type CutoffVerdict = 'ended' | 'spared' | 'raced' | 'broken'

export const judgeCutoff = (
  login: Login,
  cutoff: Known<'TokenRevoked'>,
  /** When the session was used last, as far as the question looks. */
  lastUsed: EpochMs,
): CutoffVerdict => {
  const usedLater = lastUsed > cutoff.at + 2 * raceMs
  if (login.at < cutoff.at - clocksMs) return usedLater ? 'broken' : 'ended'
  // A changed password ends all sessions, and the same request opens a new one. Callers choose ids
  // of requests, so one id of two times is two requests.
  if (login.request !== null && login.request === cutoff.request) return 'spared'
  return login.data.iat * 1_000 > cutoff.at + raceMs || usedLater ? 'spared' : 'raced'
}

/** The newest cutoffs of these keys up to an instant, each read once. */
export class NewestCutoffs {
  readonly #asking: Asking
  readonly #until: EpochMs
  readonly #known = new Map<string, Promise<Known<'TokenRevoked'> | null>>()

  /** Cutoffs before `until`. */
  constructor(asking: Asking, until: EpochMs) {
    this.#asking = asking
    this.#until = until
  }

  of(key: string): Promise<Known<'TokenRevoked'> | null> {
    const known = this.#known.get(key) ?? this.#read(key)
    this.#known.set(key, known)
    return known
  }

  async #read(cutoff: string): Promise<Known<'TokenRevoked'> | null> {
    const query = { order: 'newest', until: this.#until } as const
    const found = await firstOf(this.#asking, { cutoff }, query)
    return eventsOf(found ? [found] : [], 'TokenRevoked')[0] ?? null
  }
}
