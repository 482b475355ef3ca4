import type { NewCommit } from '../../../shared/events/commit.ts'
import { event, type Origin } from '../../../shared/events/event.ts'
import type { SubjectId } from '../../../shared/kernel/ids.ts'
import type { UserIdentity } from '../../../shared/ports/credentials.ts'
import { appendStandaloneEvent, type EventDeps, retryOnConflict } from '../publication/index.ts'
import { changeAccountIf } from './change-account.ts'
import type { Limited } from './login-limits.ts'
import { checkPassword } from './password-rules.ts'
import { completePendingCutoff } from './pending-cutoff.ts'
import type { UserDeps } from './user-lookup.ts'

export type OwnPasswordChange = Readonly<{
  person: UserIdentity
  current: string
  next: string
  origin: Origin
  /** Throws where their session has ended meanwhile, as by another change. */
  stillSignedIn: () => Promise<void>
}>
export type OwnPasswordResult =
  /** `commit` is the cutoff that ended every session of the user. */
  | Readonly<{ outcome: 'changed'; commit: NewCommit }>
  /** The current password is wrong. */
  | Readonly<{ outcome: 'refused' }>
  | (Limited & Readonly<{ outcome: 'limited'; sub: SubjectId }>)

type OwnPasswordDeps = EventDeps & UserDeps

/**
 * A user changes their own password. The current password is verified, and counts for the login
 * limits, so that a stolen session is no way to guess it.
 * @throws AuthError INPUT_INVALID that names `new_password`, OVERLOADED, STORE_*.
 */
export const changeOwnPassword = async (
  deps: OwnPasswordDeps,
  request: OwnPasswordChange,
): Promise<OwnPasswordResult> => {
  const { person, origin } = request
  const context = { username: person.username, words: deps.accounts.passwordWords }
  checkPassword(request.next, context, 'new_password')
  const { sub, username } = person
  const attempt = { username, owner: sub, address: origin.address ?? 'unknown' }
  const admission = await deps.accounts.limits.admit(
    attempt,
    await deps.accounts.directory.bySub(person.sub),
  )
  if (!admission.admitted) return { ...admission, outcome: 'limited', sub: person.sub }
  try {
    const commit = await verifyAndChange(deps, request)
    if (commit === null) return { outcome: 'refused' }
    await admission.refund()
    return { outcome: 'changed', commit }
  } catch (error) {
    // The service failed, not the user: a flood must not use up the attempts of a user.
    await admission.refund().catch(() => {})
    throw error
  }
}

const verifyAndChange = (
  deps: OwnPasswordDeps,
  request: OwnPasswordChange,
): Promise<NewCommit | null> => {
  const { directory, passwords } = deps.accounts
  const { sub } = request.person
  return retryOnConflict(async () => {
    const user = await directory.bySub(sub)
    if (user?.due) {
      await completePendingCutoff(deps, user)
      return 'again'
    }
    // After the read: what changes the account from now on makes this change stale.
    await request.stillSignedIn()
    const matches = await passwords.verify(user?.passwordHash ?? null, request.current)
    if (!user?.active || !matches) {
      await appendLoginFailure(deps, request, matches)
      return null
    }
    const passwordHash = await passwords.hash(request.next)
    // Only if the hash is still the one that was verified: of two changes at once, one is stale.
    const onlyIf = { ifPasswordHash: user.passwordHash }
    const what = 'password_changed'
    const change = { passwordHash, passwordUntil: null }
    const commit = await changeAccountIf(deps, sub, { what, change, onlyIf })
    return commit === 'stale' ? 'again' : commit
  })
}

const appendLoginFailure = (
  deps: OwnPasswordDeps,
  { person: { sub, username }, origin }: OwnPasswordChange,
  matches: boolean,
): Promise<void> => {
  const reason = matches ? 'inactive' : 'wrong_password'
  const account = deps.accounts.limits.accountId(username)
  return appendStandaloneEvent(deps, event('LoginFailed', { reason, sub, account, ...origin }))
}
