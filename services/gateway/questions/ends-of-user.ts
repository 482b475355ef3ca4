import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { raceMs } from '../../../shared/session/session-policy.ts'
import { type Asking, eachOf, firstOf, type Page, pageOf, pageOfAny } from '../audit/index.ts'
import { judgeCutoff, NewestCutoffs } from './cutoff-verdict.ts'
import { eventsOf, type Known } from './question-rows.ts'
import type { SessionAge } from './session-age.ts'
import { heldBy } from './sessions-held.ts'

/** What ended something and is no rotation. */
export type End = Known<'TokenRevoked'>

export const isCutoff = ({ data: { scope } }: End): boolean =>
  scope !== 'session' && scope !== 'token'

/** One page of all ends; of a user: of those that name the user, and of those that name nobody. */
export const pageOfEnds = (asking: Asking, user: string | null, page: Page) =>
  user === null
    ? pageOf(asking, { step: 'end' }, page)
    : pageOfAny(asking, [{ step: 'end', user }, { step: 'unowned' }], page)

/**
 * Logins that are still looked at for a page: of somebody who logs in each minute there are tens of
 * thousands, and each cutoff would look at all of them.
 */
export type LoginBudget = { left: number }

/**
 * Whether a cutoff ended a session of this user: one that lived until then, or raced with it. Where
 * the budget is used up before that is known, it counts as if it had: nothing is left out.
 */
const endedSession = async (
  asking: Asking,
  age: SessionAge,
  user: string,
  cutoff: End,
  budget: LoginBudget,
): Promise<boolean> => {
  const { key, scope } = cutoff.data
  const until = (cutoff.at + raceMs + 1) as EpochMs
  const time = { since: await age.beginningOf(cutoff.at), until }
  const before = (cutoff.at - 1) as EpochMs
  const cutoffs = new NewestCutoffs(asking, cutoff.at)
  const page = { ...time, order: 'newest', limit: 16 } as const
  for await (const event of eachOf(asking, { step: 'login', user }, page)) {
    if (budget.left === 0) return true
    budget.left -= 1
    const [login] = eventsOf([event], 'TokenIssued')
    if (!login || (scope === 'client' && key !== `client:${login.data.client}`)) continue
    const isLater = login.at >= cutoff.at
    if (isLater && judgeCutoff(login, cutoff, login.at) === 'raced') return true
    if (!isLater && (await heldBy(asking, age, login, before, cutoffs)) !== null) return true
  }
  return false
}

/** Whether an end that names no user ended a token of this one. */
export const concerns = async (
  asking: Asking,
  age: SessionAge,
  user: string,
  end: End,
  budget: LoginBudget,
): Promise<boolean> => {
  const { scope, key, sub } = end.data
  if (sub !== null) return sub === user
  if (isCutoff(end)) return endedSession(asking, age, user, end, budget)
  const id = key.slice(key.indexOf(':') + 1)
  const named = scope === 'session' ? { session: id } : { token: id }
  return (await firstOf(asking, { ...named, user }, { order: 'oldest' })) !== null
}
