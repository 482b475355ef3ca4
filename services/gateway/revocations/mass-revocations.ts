import type { Commit, NewCommit } from '../../../shared/events/commit.ts'
import { type EventOf, event } from '../../../shared/events/event.ts'
import type { GatewayParts } from '../parts.ts'
import { tellAside } from '../publication/standalone-event.ts'

const windowMs = 60 * 60_000

const massEndIn = ({ events }: NewCommit): EventOf<'TokenRevoked'> | undefined =>
  events.find(
    (one): one is EventOf<'TokenRevoked'> =>
      one.type === 'TokenRevoked' && (one.data.scope === 'client' || one.data.scope === 'all'),
  )

/**
 * Counts, over the fleet, how often everyone or all of a client is logged out: stolen credentials
 * of an administrator, or a script that runs amok, show there first. The first one beyond the limit
 * within an hour is an event and a line; the revocation itself is never held up. Counted is what
 * the log has taken, so what a command wrote counts too, and one that two gateways publish at once
 * may count twice.
 */
export class MassRevocations {
  readonly #limit: number
  readonly #parts: () => GatewayParts

  /** `limit` 0 counts nothing. */
  constructor(limit: number, parts: () => GatewayParts) {
    this.#limit = limit
    this.#parts = parts
  }

  /** Never rejects, and nobody waits for it. */
  told(commit: NewCommit | Commit): void {
    const isAgain = 'published' in commit && commit.published !== null
    const end = this.#limit === 0 || isAgain ? undefined : massEndIn(commit)
    if (!end) return
    this.#count(end).catch((error: Error) => {
      this.#parts().logger.warn({ error }, 'a mass revocation was not counted')
    })
  }

  async #count({ data }: EventOf<'TokenRevoked'>): Promise<void> {
    const parts = this.#parts()
    const rule = { name: `mass-revocations-${this.#limit}`, points: this.#limit, windowMs }
    if (await parts.limits.isWithin(rule, 'fleet')) return
    if (!(await parts.limits.isFirst('RevocationsSurged', 'fleet', windowMs))) return
    const { key, actor, address, agent } = data
    const limits = { limit: this.#limit, windowMs }
    await tellAside(parts, event('RevocationsSurged', { key, ...limits, actor, address, agent }))
  }
}
