import type { NewCommit } from '../../shared/events/commit.ts'
import { event, type Origin } from '../../shared/events/event.ts'
import { AuthError } from '../../shared/kernel/errors.ts'
import type { EpochMs } from '../../shared/kernel/ids.ts'
import type { User } from '../../shared/ports/user-directory.ts'
import { checkPassword } from './account-rules.ts'
import { changeIf } from './change-account.ts'
import { readCutoffs } from './cutoffs.ts'
import { claimsOfLogin, type OpenFor, openFor } from './open-for.ts'
import type { GatewayParts } from './parts.ts'
import { type Delivery, deliver } from './revocation.ts'
import type { SessionOpener } from './session-openers.ts'
import { settleDue } from './settle-due.ts'
import { tellAside } from './tell-aside.ts'

export type OwnPassword<Tokens> = Readonly<{
  user: User
  current: string
  next: string
  origin: Origin
  /** Taken before any read, as a login's. */
  arrival: EpochMs
  /** Opens the new session of this device; `null` = this device is logged out with the others. */
  keep: SessionOpener<Tokens> | null
}>
export type OwnPasswordResult<Tokens> =
  | Readonly<{ outcome: 'changed'; delivery: Delivery; tokens: Tokens | null }>
  /** The current password is another one. */
  | Readonly<{ outcome: 'refused' }>
  | Readonly<{ outcome: 'limited'; retryAfterMs: number }>

/** An account that changes under every try is no user's doing. */
const triesMax = 8

/**
 * A user's own change of password. The current one is asked for and counted as a login is, since a
 * stolen session must not be a way to guess it. Every session ends; one that is kept is a new one
 * whose epoch is exactly the cutoff of this change, so it is born dead when anything ended the
 * user's sessions after it. A crash between cutoff and new session logs the caller out, no more.
 * @throws AuthError INPUT_INVALID that names `new_password`, OVERLOADED, CLAIMS_UNAVAILABLE,
 * STORE_*.
 */
export const changeOwnPassword = async <Tokens>(
  parts: GatewayParts,
  request: OwnPassword<Tokens>,
): Promise<OwnPasswordResult<Tokens>> => {
  checkPassword(request.next, 'new_password')
  const { user, origin } = request
  const attempt = { username: user.username, address: origin.address ?? 'unknown' }
  const admission = await parts.limits.admit(attempt, user)
  if (!admission.admitted) return { outcome: 'limited', retryAfterMs: admission.retryAfterMs }
  try {
    const changed = await change(parts, request)
    if (changed === null) return { outcome: 'refused' }
    await admission.refund()
    const tokens = await openKept(parts, request, changed)
    return { outcome: 'changed', delivery: await deliver(parts, changed.commit), tokens }
  } catch (error) {
    // Not the user's failure: a flood must not lock out who has the right password.
    await admission.refund().catch(() => {})
    throw error
  }
}

type Changed = Readonly<{ commit: NewCommit; session: Omit<OpenFor, 'origin' | 'arrival'> }>

const change = async <Tokens>(
  parts: GatewayParts,
  request: OwnPassword<Tokens>,
): Promise<Changed | null> => {
  const { store, directory, passwords, client } = parts
  const { sub } = request.user
  for (let tries = 0; tries < triesMax; tries += 1) {
    const epoch = await readCutoffs(store, { sub, client })
    const user = await directory.bySub(sub)
    if (user?.due) {
      await settleDue(parts, user)
      continue
    }
    const matches = await passwords.verify(user?.passwordHash ?? null, request.current)
    if (!user?.active || !matches) {
      await tellFailure(parts, request, matches)
      return null
    }
    // What may fail comes before the change, so that a failure means that nothing happened.
    const custom = request.keep ? await claimsOfLogin(parts, user, request.keep) : {}
    const passwordHash = await passwords.hash(request.next)
    // Only while the hash is the one that was compared: of two changes at once, one is too late.
    const only = { ifPasswordHash: user.passwordHash }
    const what = 'password_changed'
    const commit = await changeIf(parts, sub, { what, change: { passwordHash }, only })
    if (commit === 'stale') continue
    return { commit, session: { user, epoch: { ...epoch, sub: commit.cutoff }, custom } }
  }
  throw new AuthError('STORE_CONTENDED', 'the user changed under every try')
}

const openKept = async <Tokens>(
  parts: GatewayParts,
  { keep, origin, arrival, user: { sub } }: OwnPassword<Tokens>,
  { session }: Changed,
): Promise<Tokens | null> => {
  if (keep === null) return null
  try {
    return await openFor(parts, { ...session, origin, arrival }, keep)
  } catch (error) {
    // The password did change. A retry would be told that the current one is wrong.
    parts.logger.warn({ error: error as Error, sub }, 'this device was not kept')
    return null
  }
}

const tellFailure = (
  parts: GatewayParts,
  { user: { sub, username }, origin }: OwnPassword<unknown>,
  matches: boolean,
): Promise<void> => {
  const reason = matches ? 'inactive' : 'wrong_password'
  const account = parts.limits.hashed(`account:${username}`)
  return tellAside(parts, event('LoginFailed', { reason, sub, account, ...origin }))
}
