import { timingSafeEqual } from 'node:crypto'
import type { Context } from 'koa'
import { event, type Origin } from '../../../shared/events/event.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { type EpochMs, msOf } from '../../../shared/kernel/ids.ts'
import type { BearerClaims } from '../../../shared/tokens/claims.ts'
import { appendStandaloneEvent, type EventDeps, retryOnConflict } from '../publication/index.ts'
import type { CallerDeps } from './authenticate-caller.ts'
import type { Limited, LoginLimits } from './login-limits.ts'
import type { AuthenticatedUser, AuthorizedCaller, Caller } from './require-caller.ts'
import { type UserDeps, usersOf } from './user-lookup.ts'

/** How long a password that was given is proof enough. */
const steppedUpForMs = 5 * 60_000

type Hashing = Pick<LoginLimits, 'keyedHash'>

const macOf = (limits: Hashing, sid: string, until: number): string =>
  limits.keyedHash(`step-up:${sid}:${until}`)

/**
 * Proves until then that the password of this session's user was given again. Every gateway of the
 * fleet can tell, since all have the key; nothing is stored. Without its session it proves nothing.
 */
const stepUpProof = (limits: Hashing, sid: string, until: EpochMs): string =>
  `${until}.${macOf(limits, sid, until)}`

const isProof = (limits: Hashing, sid: string, proof: string, now: EpochMs): boolean => {
  const [, until = '', mac = ''] = /^(\d{1,15})\.([0-9a-f]{32})$/.exec(proof) ?? []
  if (mac === '' || Number(until) <= now || Number(until) > now + steppedUpForMs) return false
  return timingSafeEqual(Buffer.from(mac), Buffer.from(macOf(limits, sid, Number(until))))
}

const proofsIn = ({ http }: CallerDeps, ctx: Context): readonly string[] => {
  const header = ctx.get('step-up')
  return header === '' ? http.cookies.readStepUp(ctx) : [header]
}

const isSteppedUp = (
  deps: CallerDeps,
  ctx: Context,
  { sid, auth_time: authTime }: BearerClaims,
  now: EpochMs,
): boolean =>
  now < msOf(authTime) + steppedUpForMs ||
  proofsIn(deps, ctx).some((proof) => isProof(deps.accounts.limits, sid, proof, now))

/**
 * What cannot be undone takes the password again, given at most five minutes ago, so that a session
 * that somebody left open, or stole, is not enough. A service has no password.
 * @throws AuthError STEP_UP_REQUIRED (RFC 9470)
 */
export const requireSteppedUp = (
  deps: CallerDeps,
  ctx: Context,
  caller: Caller | AuthorizedCaller,
  now: EpochMs,
): void => {
  if (caller.kind === 'service' || isSteppedUp(deps, ctx, caller.claims, now)) return
  throw new AuthError('STEP_UP_REQUIRED', 'Give your password again first: POST /step-up.')
}

export type StepUpDeps = EventDeps & UserDeps
type StepUpRequest = Readonly<{
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
