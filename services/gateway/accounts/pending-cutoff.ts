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
import type { GatewayParts } from '../parts.ts'
import { contend, isOwn, type Move } from '../publication/optimistic-append.ts'
import { appendCutOff, type Shared } from '../revocations/append-cutoff.ts'

/** What changing accounts needs; the command line has no publisher, the relay publishes for it. */
export type AccountParts = Pick<
  GatewayParts,
  | 'store'
  | 'directory'
  | 'storeClock'
  | 'clock'
  | 'entropy'
  | 'deadlineMs'
  | 'policy'
  | 'act'
  | 'onAppended'
  | 'passwordWords'
>

const scanPage = 256

/**
 * Completes what a change of the directory still owes. Whoever meets it calls this; twice does no
 * harm.
 */
export const settleDue = async (parts: AccountParts, user: User): Promise<void> => {
  if (user.due) await settle(parts, user.sub, user.due, user)
}

/** Appends what is due, unless somebody did, and clears the due; answers the commit. */
export const settle = async (
  parts: AccountParts,
  sub: SubjectId,
  due: Due,
  user?: User,
): Promise<NewCommit> => {
  const commit = await append(parts, sub, due, user)
  if (due.what === 'deleted') await parts.directory.remove(sub, due.claim)
  else await parts.directory.settle(sub, due.claim)
  return commit
}

const settledBy = async (
  { store }: AccountParts,
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
  parts: AccountParts,
  sub: SubjectId,
  due: Due,
  user?: User,
): Promise<NewCommit> => {
  const { claim, what, by = noAct } = due
  const { actor, ...origin } = by
  // Asked at every look: whoever else met the same due may have appended, and others after it (I7).
  const shared = { claim, made: () => settledBy(parts, sub, due) }
  const cut = (reason: RevocationReason, told: AuthEvent): Promise<NewCommit> => {
    const target = { scope: 'subject', sub } as const
    return appendCutOff(parts, { target, reason, origin, actor, alongside: [told] }, shared)
  }
  const say = (told: AuthEvent): Promise<NewCommit> => appendRemark(parts, sub, shared, told)
  // As it was written with the due: while that is open, nothing else of the kind is changed.
  const written = async () => {
    const found = user ?? (await parts.directory.bySub(sub))
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
  parts: AccountParts,
  sub: SubjectId,
  { claim, made }: Shared,
  told: AuthEvent,
): Promise<NewCommit> => {
  const { store, storeClock } = parts
  const stream = subjectStream(sub)
  return contend(parts, async (): Promise<Move<NewCommit>> => {
    const [newest = null] = await store.heads([stream])
    const done = isOwn(newest, claim) ? newest : await made()
    if (done) return { result: done }
    const whole = remark(stream, newest, { events: [told], now: storeClock.now(), claim })
    return { insert: whole, won: (commit) => commit }
  })
}
