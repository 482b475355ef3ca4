import type { Commit, NewCommit } from '../../../shared/events/commit.ts'
import { type EventOf, event } from '../../../shared/events/event.ts'
import type { RateRule } from '../../../shared/ports/rate-limits.ts'
import { appendStandaloneEvent, type EventDeps, type FirstOfWindow } from '../publication/index.ts'

const windowMs = 60 * 60_000

/** Rate limits that hold for the whole fleet. */
type FleetLimits = FirstOfWindow &
  Readonly<{ isWithin: (rule: RateRule, key: string) => Promise<boolean> }>
export type MassRevocationDeps = EventDeps & Readonly<{ limits: FleetLimits }>

const massRevocationIn = ({ events }: NewCommit): EventOf<'TokenRevoked'> | undefined =>
  events.find(
    (revoked): revoked is EventOf<'TokenRevoked'> =>
      revoked.type === 'TokenRevoked' &&
      (revoked.data.scope === 'client' || revoked.data.scope === 'all'),
  )

/**
 * Counts, over the fleet, how often everyone or all of a client is logged out. Stolen credentials
 * of an administrator, or a script gone wrong, show there first. The first revocation beyond the
 * limit within an hour causes an event and a log line; the revocation itself is never held up. It
 * counts what has been published, so revocations by the command line count too, and one that two
 * gateways publish at once may count twice.
 */
export class MassRevocations {
  readonly #limit: number
  readonly #deps: () => MassRevocationDeps

  /** `limit` 0 counts nothing. */
  constructor(limit: number, deps: () => MassRevocationDeps) {
    this.#limit = limit
    this.#deps = deps
  }

  /** Called for each published commit. Returns at once, and never throws. */
  published(commit: NewCommit | Commit): void {
    const isAgain = 'published' in commit && commit.published !== null
    const end = this.#limit === 0 || isAgain ? undefined : massRevocationIn(commit)
    if (!end) return
    this.#count(end).catch((error: Error) => {
      this.#deps().context.logger.warn({ error }, 'a mass revocation was not counted')
    })
  }

  async #count({ data }: EventOf<'TokenRevoked'>): Promise<void> {
    const deps = this.#deps()
    const rule = { name: `mass-revocations-${this.#limit}`, points: this.#limit, windowMs }
    if (await deps.limits.isWithin(rule, 'fleet')) return
    if (!(await deps.limits.isFirst('RevocationsSurged', 'fleet', windowMs))) return
    const { key, actor, address, agent } = data
    const limits = { limit: this.#limit, windowMs }
    await appendStandaloneEvent(
      deps,
      event('RevocationsSurged', { key, ...limits, actor, address, agent }),
    )
  }
}
