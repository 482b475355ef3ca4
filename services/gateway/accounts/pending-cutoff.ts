import type { NewCommit } from '../../../shared/events/commit.ts'
import {
  type AuthEvent,
  event,
  noAct,
  type RevocationReason,
} from '../../../shared/events/event.ts'
import { type SubjectId, subjectStream } from '../../../shared/kernel/ids.ts'
import type { Due, User } from '../../../shared/ports/user-directory.ts'
import { remark } from '../../../shared/session/cut-off.ts'
import type { SessionPolicy } from '../../../shared/session/policy.ts'
import {
  appendOptimistically,
  type CommandContext,
  type Decision,
  isOwnCommit,
} from '../publication/index.ts'
import { appendCutoff, type Shared } from '../revocations/index.ts'
import type { Accounts } from './open-accounts.ts'

/** What changing accounts needs; the command line has no publisher, the relay publishes for it. */
export type AccountDeps = Readonly<{
  context: CommandContext
  accounts: Pick<Accounts, 'directory' | 'passwordWords'>
  policy: SessionPolicy
}>

const scanPage = 256

/**
 * Completes what a change of the directory still owes. Whoever meets it calls this; twice does no
 * harm.
 */
export const completePendingCutoff = async (deps: AccountDeps, user: User): Promise<void> => {
  if (user.due) await completeCutoff(deps, user.sub, user.due, user)
}

/** Appends what is due, unless somebody did, and clears the due; answers the commit. */
export const completeCutoff = async (
  deps: AccountDeps,
  sub: SubjectId,
  due: Due,
  user?: User,
): Promise<NewCommit> => {
  const commit = await append(deps, sub, due, user)
  if (due.what === 'deleted') await deps.accounts.directory.remove(sub, due.claim)
  else await deps.accounts.directory.settle(sub, due.claim)
  return commit
}

const settledBy = async (
  { context: { store } }: AccountDeps,
  sub: SubjectId,
  { claim, above }: Due,
): Promise<NewCommit | null> => {
  for (let from = above + 1; ; from += scanPage) {
    const page = await store.read(subjectStream(sub), from, scanPage)
    const done = page.find((one) => one.claim === claim)
    if (done || page.length < scanPage) return done ?? null
  }
}

const append = async (
  deps: AccountDeps,
  sub: SubjectId,
  due: Due,
  user?: User,
): Promise<NewCommit> => {
  const { claim, what, by = noAct } = due
  const { actor, ...origin } = by
  // Asked at every look: whoever else met the same due may have appended, and others after it (I7).
  const shared = { claim, made: () => settledBy(deps, sub, due) }
  const cut = (reason: RevocationReason, told: AuthEvent): Promise<NewCommit> => {
    const target = { scope: 'subject', sub } as const
    return appendCutoff(deps, { target, reason, origin, actor, alongside: [told] }, shared)
  }
  const say = (told: AuthEvent): Promise<NewCommit> => appendRemark(deps, sub, shared, told)
  // As it was written with the due: while that is open, nothing else of the kind is changed.
  const written = async () => {
    const found = user ?? (await deps.accounts.directory.bySub(sub))
    return { username: found?.username, roles: [...(found?.roles ?? [])] }
  }
  switch (what) {
    case 'created': {
      const { username = '', roles } = await written()
      return say(event('UserCreated', { sub, username, roles, ...by }))
    }
    case 'enabled':
      return say(event('UserEnabled', { sub, ...by }))
    case 'roles_widened':
      return say(event('RolesChanged', { sub, roles: (await written()).roles, ...by }))
    case 'roles_narrowed':
      return cut('revoked', event('RolesChanged', { sub, roles: (await written()).roles, ...by }))
    case 'disabled':
      return cut('user_disabled', event('UserDisabled', { sub, ...by }))
    case 'password_changed':
      return cut('password_changed', event('PasswordChanged', { sub, ...by }))
    case 'deleted':
      return cut('user_deleted', event('UserDeleted', { sub, ...by }))
  }
}

const appendRemark = (
  deps: AccountDeps,
  sub: SubjectId,
  { claim, made }: Shared,
  told: AuthEvent,
): Promise<NewCommit> => {
  const {
    context: { store, storeClock },
  } = deps
  const stream = subjectStream(sub)
  return appendOptimistically(deps, async (): Promise<Decision<NewCommit>> => {
    const [newest = null] = await store.heads([stream])
    const done = isOwnCommit(newest, claim) ? newest : await made()
    if (done) return { result: done }
    const whole = remark(stream, newest, { events: [told], now: storeClock.now(), claim })
    return { insert: whole, onInserted: (commit) => commit }
  })
}
