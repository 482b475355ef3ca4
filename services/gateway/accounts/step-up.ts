import { event, type Origin } from '../../../shared/events/event.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { appendStandaloneEvent, type EventDeps, retryOnConflict } from '../publication/index.ts'
import type { AuthenticatedUser } from './authorization.ts'
import type { Limited } from './login-limits.ts'
import { steppedUpForMs, stepUpProof } from './stepped-up.ts'
import { type UserDeps, usersOf } from './user-lookup.ts'

export type StepUpDeps = EventDeps & UserDeps
export type StepUpRequest = Readonly<{
  caller: AuthenticatedUser
  password: string
  origin: Origin
  arrival: EpochMs
}>
export type StepUp =
  | Readonly<{ outcome: 'stepped_up'; proof: string; until: EpochMs }>
  | Readonly<{ outcome: 'refused' }>
  | (Limited & Readonly<{ outcome: 'limited' }>)

const attempted = async (
  deps: StepUpDeps,
  { caller: { user, claims }, password, origin, arrival }: StepUpRequest,
): Promise<StepUp | 'again'> => {
  const { limits } = deps.accounts
  const { sub, username } = user
  const { credentials, loginHistory } = usersOf(deps)
  const attempt = { username, owner: sub, address: origin.address ?? 'unknown' }
  const knownAddresses = await loginHistory.addressesOf(sub)
  const admission = await limits.admit(attempt, { knownAddresses })
  if (!admission.admitted) return { ...admission, outcome: 'limited' }
  try {
    const verified = await credentials.verify({ sub, username, password, origin })
    if (verified.outcome === 'refused') {
      const failed = { reason: verified.why, sub, account: limits.accountId(username), ...origin }
      await appendStandaloneEvent(deps, event('LoginFailed', failed))
      return { outcome: 'refused' }
    }
    await admission.refund()
    if (verified.outcome === 'changed') return 'again'
    await appendStandaloneEvent(deps, event('SteppedUp', { sub, sid: claims.sid, ...origin }))
    const until = (arrival + steppedUpForMs) as EpochMs
    return { outcome: 'stepped_up', proof: stepUpProof(limits, claims.sid, until), until }
  } catch (error) {
    // The service failed, not the user: a flood must not use up the attempts of a user.
    await admission.refund().catch(() => {})
    throw error
  }
}

/**
 * Somebody who is logged in gives the password again. It counts for the login limits as a login
 * does, so a stolen session is no way to guess it.
 * @throws AuthError DIRECTORY_UNAVAILABLE, OVERLOADED, STORE_UNAVAILABLE
 */
export const stepUp = (deps: StepUpDeps, request: StepUpRequest): Promise<StepUp> =>
  retryOnConflict(() => attempted(deps, request), 'the user changed under every try of a step-up')
