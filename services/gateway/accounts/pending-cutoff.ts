import type { Commit, NewCommit } from '../../../shared/events/commit.ts'
import {
  type AuthEvent,
  event,
  noAct,
  noOrigin,
  type RevocationReason,
} from '../../../shared/events/event.ts'
import { type StreamId, type SubjectId, subjectStream } from '../../../shared/kernel/ids.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import type { PendingCutoff, User } from '../../../shared/ports/user-directory.ts'
import { eventCommit } from '../../../shared/session/cutoff-commit.ts'
import type { SessionPolicy } from '../../../shared/session/session-policy.ts'
import {
  appendOptimistically,
  type CommandContext,
  type Decision,
  isOwnCommit,
} from '../publication/index.ts'
import { appendCutoff, type SharedClaim } from '../revocations/index.ts'
import type { Accounts } from './open-accounts.ts'

const page = 256

/** The oldest commit of a stream from a version on of which `is` holds. */
export const findCommit = async (
  store: Pick<EventStore, 'read'>,
  [stream, version]: readonly [StreamId, number],
  is: (commit: Commit) => boolean,
): Promise<Commit | null> => {
  for (let from = version; ; from += page) {
    const commits = await store.read(stream, from, page)
    const found = commits.find(is)
    if (found || commits.length < page) return found ?? null
  }
}

/** What changing accounts uses. No publisher: for the command line the relay publishes. */
export type AccountDeps = Readonly<{
  context: CommandContext
  accounts: Pick<Accounts, 'directory' | 'passwordWords'>
  policy: SessionPolicy
}>

/**
 * The note as the directory gets it. From where the change was made stands in no file in clear: who
 * completes one that was cut off tells who made it, and not from where.
 */
export const notedAs = (
  { context: { sealer } }: AccountDeps,
  pending: PendingCutoff,
): PendingCutoff =>
  sealer === undefined || pending.by === undefined
    ? pending
    : { ...pending, by: { ...pending.by, ...noOrigin } }

/**
 * If a change of this account was interrupted, appends its pending cutoff and removes the note from
 * the directory. Every command that reads such an account calls this first; calling it twice does
 * no harm.
 */
export const completePendingCutoff = async (deps: AccountDeps, user: User): Promise<void> => {
  if (user.due) await completeCutoff(deps, user.sub, user.due, user)
}

/**
 * Appends the pending cutoff, unless another process has done so, and removes the note from the
 * directory. Returns the commit.
 */
export const completeCutoff = async (
  deps: AccountDeps,
  sub: SubjectId,
  pending: PendingCutoff,
  user?: User,
): Promise<NewCommit> => {
  const commit = await appendFor(deps, sub, pending, user)
  if (pending.what === 'deleted') await deps.accounts.directory.remove(sub, pending.claim)
  else await deps.accounts.directory.settle(sub, pending.claim)
  return commit
}

const appendFor = async (
  deps: AccountDeps,
  sub: SubjectId,
  pending: PendingCutoff,
  user?: User,
): Promise<NewCommit> => {
  const { claim, what, by = noAct } = pending
  const { actor, ...origin } = by
  // Looked for at every try: another process may have appended this cutoff already, and newer
  // commits may lie above it (I7).
  const isOwn = (commit: Commit): boolean => commit.claim === claim
  const above = [subjectStream(sub), pending.above + 1] as const
  const shared = { claim, findCommit: () => findCommit(deps.context.store, above, isOwn) }
  const appendCutoffWith = (
    reason: RevocationReason,
    accountEvent: AuthEvent,
  ): Promise<NewCommit> => {
    const target = { scope: 'subject', sub } as const
    return appendCutoff(deps, { target, reason, origin, actor, alongside: [accountEvent] }, shared)
  }
  const appendEvent = (accountEvent: AuthEvent): Promise<NewCommit> =>
    appendWithoutCutoff(deps, sub, shared, accountEvent)
  // As written together with the note: no other such change is made while the note is there.
  const writtenUser = async () => {
    const found = user ?? (await deps.accounts.directory.bySub(sub))
    return { username: found?.username, roles: [...(found?.roles ?? [])] }
  }
  switch (what) {
    case 'created': {
      const { username = '', roles } = await writtenUser()
      return appendEvent(event('UserCreated', { sub, username, roles, ...by }))
    }
    case 'enabled':
      return appendEvent(event('UserEnabled', { sub, ...by }))
    case 'roles_widened':
      return appendEvent(event('RolesChanged', { sub, roles: (await writtenUser()).roles, ...by }))
    case 'roles_narrowed':
      return appendCutoffWith(
        'revoked',
        event('RolesChanged', { sub, roles: (await writtenUser()).roles, ...by }),
      )
    case 'disabled':
      return appendCutoffWith('user_disabled', event('UserDisabled', { sub, ...by }))
    case 'password_changed':
      return appendCutoffWith('password_changed', event('PasswordChanged', { sub, ...by }))
    case 'deleted':
      return appendCutoffWith('user_deleted', event('UserDeleted', { sub, ...by }))
  }
}

const appendWithoutCutoff = (
  deps: AccountDeps,
  sub: SubjectId,
  { claim, findCommit: made }: SharedClaim,
  accountEvent: AuthEvent,
): Promise<NewCommit> => {
  const { store, storeClock } = deps.context
  const stream = subjectStream(sub)
  return appendOptimistically(deps, async (): Promise<Decision<NewCommit>> => {
    const [newest = null] = await store.heads([stream])
    const done = isOwnCommit(newest, claim) ? newest : await made()
    if (done) return { result: done }
    const eventOnly = eventCommit(stream, newest, {
      events: [accountEvent],
      now: storeClock.now(),
      claim,
    })
    return { insert: eventOnly, onInserted: (commit) => commit }
  })
}
