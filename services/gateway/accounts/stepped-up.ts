import { timingSafeEqual } from 'node:crypto'
import type { Context } from 'koa'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { type EpochMs, msOf } from '../../../shared/kernel/ids.ts'
import type { BearerClaims } from '../../../shared/tokens/claims.ts'
import type { CallerDeps } from './authenticate-caller.ts'
import type { AuthorizedCaller, Caller } from './authorization.ts'
import type { LoginLimits } from './login-limits.ts'

/** How long a password that was given is proof enough. */
export const steppedUpForMs = 5 * 60_000

type Hashing = Pick<LoginLimits, 'keyedHash'>

const macOf = (limits: Hashing, sid: string, until: number): string =>
  limits.keyedHash(`step-up:${sid}:${until}`)

/**
 * Proves until then that the password of this session's user was given again. Every gateway of the
 * fleet can tell, since all have the key; nothing is stored. Without its session it proves nothing.
 */
export const stepUpProof = (limits: Hashing, sid: string, until: EpochMs): string =>
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
