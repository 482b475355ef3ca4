import { type LongestSession, longestSession } from '../../../shared/fleet/longest-session.ts'
import { type EpochMs, everyoneStream } from '../../../shared/kernel/ids.ts'
import { longestLifetimeMs, type SessionPolicy } from '../../../shared/session/session-policy.ts'
import { type Asking, eachOf } from '../audit/index.ts'
import type { ReadContext } from '../publication/index.ts'
import { eventsOf } from './question-rows.ts'

const setting = 'CURFEW_SESSION_MAX_LIFETIME'
/** A start notes the age first, and tells that its settings changed a moment later. */
const startMs = 60_000

/** How old a session and a token may be that live. */
export class SessionAge {
  readonly #asking: Asking
  readonly #longest: LongestSession
  /** No access or sliding token ever lived for longer. */
  readonly tokenMs: number
  #wasChanged: Promise<boolean> | null = null

  constructor(asking: Asking, longest: LongestSession, tokenMs: number) {
    this.#asking = asking
    this.#longest = longest
    this.tokenMs = tokenMs
  }

  /** When a session may have begun that lived at this instant; 0 where no age is known. */
  async beginningOf(at: EpochMs): Promise<EpochMs> {
    const { ms, since } = this.#longest
    if (at < since + ms) {
      // It was not noted then. If it was never changed, it was what was noted first.
      this.#wasChanged ??= this.#changedBefore((since + startMs) as EpochMs)
      if (await this.#wasChanged) return 0 as EpochMs
    }
    return Math.max(0, at - ms) as EpochMs
  }

  /** By when every session had ended that began before this instant. */
  async endOf(beginning: EpochMs): Promise<EpochMs> {
    const { ms, since } = this.#longest
    const end = (beginning + ms) as EpochMs
    if ((await this.beginningOf(end)) >= beginning) return end
    return Math.max(end, since + ms) as EpochMs
  }

  async #changedBefore(until: EpochMs): Promise<boolean> {
    const page = { order: 'oldest', until, limit: 100 } as const
    for await (const event of eachOf(this.#asking, { kind: 'SettingsChanged' }, page)) {
      for (const { data } of eventsOf([event], 'SettingsChanged')) {
        if (data.changed.some(({ name }) => name === setting)) return true
      }
    }
    return false
  }
}

/** What the store tells of the age of sessions. */
export type AgeDeps = Readonly<{
  context: ReadContext
  policy: Pick<SessionPolicy, 'sessionMaxLifetimeMs'> & Parameters<typeof longestLifetimeMs>[0]
}>

/** @throws AuthError STORE_UNAVAILABLE */
export const sessionAge = async (asking: Asking, deps: AgeDeps): Promise<SessionAge> => {
  const { store, storeClock } = deps.context
  const [newest] = await store.heads([everyoneStream])
  const longest = await longestSession(store, deps.policy, storeClock.now())
  const tokenMs = Math.max(longestLifetimeMs(deps.policy), newest?.longestMs ?? 0)
  return new SessionAge(asking, longest, tokenMs)
}
