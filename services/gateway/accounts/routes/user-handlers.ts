import type { Context } from 'koa'
import type { NewCommit } from '../../../../shared/events/commit.ts'
import type { EpochMs, SubjectId } from '../../../../shared/kernel/ids.ts'
import type { User } from '../../../../shared/ports/user-directory.ts'
import { type AuditorDeps, mayAudit } from '../../audit/index.ts'
import {
  bodyProblem,
  type Handler,
  optionalFlag,
  optionalTexts,
  pageOf,
  readBodyThenCaller,
  readJsonObject,
  refuseUnknownFields,
  textFields,
} from '../../http/index.ts'
import { setDeliveryHeaders } from '../../revocations/index.ts'
import type { SessionRouteDeps } from '../../sessions/index.ts'
import {
  type AuthorizedCaller,
  createUser,
  deleteKeepingAnAdministrator,
  deliverAccountChange,
  disableKeepingAnAdministrator,
  type ErasureDeps,
  eraseUser,
  findSubject,
  findUser,
  forbidden,
  requireAdministrator,
  requireBuiltInDirectory,
  requireCaller,
  requireSteppedUp,
  setActive,
  setRolesKeepingAnAdministrator,
  unknownUser,
} from '../index.ts'

export type UserRouteDeps = SessionRouteDeps &
  Pick<ErasureDeps, 'privacy'> &
  Pick<AuditorDeps, 'audit'>

/**
 * The built-in directory for administrators and for service clients with the permission `users`;
 * for auditors to read.
 * Nobody chooses another person's password here (ASVS 5.0, 6.4.6), and no answer holds a hash.
 */
type Route = (deps: UserRouteDeps) => (ctx: Context) => Promise<void>

const requireUserAdministrator = (deps: UserRouteDeps, ctx: Context): Promise<AuthorizedCaller> => {
  requireBuiltInDirectory(deps)
  return requireAdministrator(deps, ctx, deps.context.storeClock.now(), 'users')
}

/**
 * Lets callers in who may change accounts, and those who may audit, since events name users by
 * their ids.
 */
const requireUserReader = async (deps: UserRouteDeps, ctx: Context): Promise<void> => {
  requireBuiltInDirectory(deps)
  const caller = await requireCaller(deps, ctx, deps.context.storeClock.now(), 'users')
  if (!mayAudit(deps, caller)) throw forbidden()
}

const userBody = ({ createdAt, lastLoginAt, ...user }: User): object => ({
  sub: user.sub,
  id: user.id,
  username: user.username,
  ...(user.email === undefined ? {} : { email: user.email }),
  active: user.active,
  roles: user.roles,
  created_at: new Date(createdAt).toISOString(),
  last_login: lastLoginAt === undefined ? null : new Date(lastLoginAt).toISOString(),
})

// An account whose deletion was interrupted counts as deleted.
const isNotDeleted = (user: User | null): user is User =>
  user !== null && user.due?.what !== 'deleted'

/**
 * The user in the path, by id, name or address; sets `Found-By`. @throws AuthError USER_UNKNOWN.
 */
const userInPath = async (
  { accounts: { directory } }: UserRouteDeps,
  ctx: Context,
): Promise<User> => {
  const { sub: text } = ctx['params'] as { sub: string }
  const found = await findUser(directory, text)
  if (!found || !isNotDeleted(found.user)) throw unknownUser(text)
  ctx.set('Found-By', found.foundBy)
  return found.user
}

const userWithSub = async (
  { accounts: { directory } }: UserRouteDeps,
  sub: SubjectId,
): Promise<User> => {
  const user = await directory.bySub(sub)
  if (!isNotDeleted(user)) throw unknownUser(sub)
  return user
}

/** `GET /users?after=&limit=` → `{users, next}`, in order of name; `next` is `null` at the end. */
export const listUsersRoute: Route = (deps) => async (ctx) => {
  await requireUserReader(deps, ctx)
  const { after, limit } = pageOf(ctx)
  const page = await deps.accounts.directory.list(after, limit)
  const last = page.length < limit ? undefined : page.at(-1)
  ctx.body = { users: page.filter(isNotDeleted).map(userBody), next: last?.username ?? null }
}

/**
 * A caller who makes an administrator could log in as that one, so the password is asked for first.
 */
const guardAdministratorRole = (
  deps: UserRouteDeps,
  ctx: Context,
  caller: AuthorizedCaller,
  { before, after }: Readonly<{ before: readonly string[]; after: readonly string[] }>,
): void => {
  const { adminRole } = deps.accounts
  if (before.includes(adminRole) || !after.includes(adminRole)) return
  requireSteppedUp(deps, ctx, caller, deps.context.storeClock.now())
}

const randomPassword = ({ context: { entropy } }: UserRouteDeps): string =>
  entropy.bytes(15).toString('base64url')

/**
 * `POST /users` `{username, email?, roles?}`: answers a random password, shown once, that is valid
 * for `CURFEW_INITIAL_PASSWORD_LIFETIME` (ASVS 5.0, 6.4.1); the user must choose another one until
 * then. A service client may send `password`, such as the one chosen on a sign-up page.
 */
export const createUserRoute: Route = (deps) => async (ctx) => {
  const authorize = () => requireUserAdministrator(deps, ctx)
  const [caller, body] = await readBodyThenCaller(readJsonObject(ctx), authorize)
  const isService = caller.kind === 'service'
  refuseUnknownFields(body, ['username', 'email', 'roles', ...(isService ? ['password'] : [])])
  const { username } = textFields(body, 'username')
  const roles = optionalTexts(body, 'roles') ?? []
  guardAdministratorRole(deps, ctx, caller, { before: [], after: roles })
  const email = body.has('email') ? { email: textFields(body, 'email').email } : {}
  const chosen = body.has('password') ? textFields(body, 'password').password : null
  const until = (deps.context.storeClock.now() + deps.accounts.initialPasswordMs) as EpochMs
  const password = chosen ?? randomPassword(deps)
  const given = chosen === null ? { passwordUntil: until } : {}
  const user = await createUser(deps, { username, password, roles, ...email, ...given })
  ctx.status = 201
  ctx.body = {
    ...userBody(user),
    ...(chosen === null
      ? { initial_password: password, initial_password_until: new Date(until).toISOString() }
      : {}),
  }
}

/** `GET /users/{sub}`. */
export const userRoute: Route = (deps) => async (ctx) => {
  await requireUserReader(deps, ctx)
  ctx.body = userBody(await userInPath(deps, ctx))
}

const enableOrDisable = (deps: UserRouteDeps, sub: SubjectId, active: boolean) =>
  active ? setActive(deps, sub, true) : disableKeepingAnAdministrator(deps, sub)

/**
 * `PATCH /users/{sub}` `{active?, roles?}`. Disabling, and taking a role away, ends every session
 * of the user. What leaves no active administrator is 409 `administrator_last`.
 */
export const changeUserRoute: Route = (deps) => async (ctx) => {
  const authorize = () => requireUserAdministrator(deps, ctx)
  const [caller, body] = await readBodyThenCaller(readJsonObject(ctx), authorize)
  const { sub, roles: before } = await userInPath(deps, ctx)
  refuseUnknownFields(body, ['active', 'roles'])
  const [active, roles] = [optionalFlag(body, 'active'), optionalTexts(body, 'roles')]
  if (active === null && roles === null) {
    throw bodyProblem('Give active, roles or both.')
  }
  guardAdministratorRole(deps, ctx, caller, { before, after: roles ?? [] })
  const commits: NewCommit[] = []
  // Roles first: if they are refused, nothing has changed.
  const changed =
    roles === null ? null : await setRolesKeepingAnAdministrator(deps, sub, () => roles)
  if (changed) commits.push(changed)
  if (active !== null) commits.push(await enableOrDisable(deps, sub, active))
  const delivery = await deliverAccountChange(deps, commits)
  if (delivery) setDeliveryHeaders(ctx, delivery)
  ctx.body = userBody(await userWithSub(deps, sub))
}

/** Finds also an account whose deletion was interrupted: repeating the request completes it. */
const subjectToDelete = async (
  { accounts: { directory } }: UserRouteDeps,
  ctx: Context,
): Promise<SubjectId> => {
  const { sub: text } = ctx['params'] as { sub: string }
  const found = await findUser(directory, text)
  if (!found) throw unknownUser(text)
  ctx.set('Found-By', found.foundBy)
  return found.user.sub
}

/**
 * `DELETE /users/{sub}`: ends every session and removes the account; 204, or 409 for the last
 * administrator.
 */
export const deleteUserRoute: Route = (deps) => async (ctx) => {
  await requireUserAdministrator(deps, ctx)
  const sub = await subjectToDelete(deps, ctx)
  const delivery = await deliverAccountChange(deps, await deleteKeepingAnAdministrator(deps, sub))
  if (delivery) setDeliveryHeaders(ctx, delivery)
  ctx.status = 204
}

/**
 * `POST /users/{sub}/erase`: 204, 409 under a legal hold or for the last administrator. Of every
 * directory, and by id of whoever was deleted: their events are there.
 */
export const eraseUserRoute: Handler<UserRouteDeps> = (deps) => async (ctx) => {
  const now = deps.context.storeClock.now()
  const caller = await requireAdministrator(deps, ctx, now, 'users')
  requireSteppedUp(deps, ctx, caller, now)
  const { sub: text } = ctx['params'] as { sub: string }
  const { sub, foundBy } = await findSubject(deps, text)
  ctx.set('Found-By', foundBy)
  const delivery = await deliverAccountChange(deps, await eraseUser(deps, sub))
  if (delivery) setDeliveryHeaders(ctx, delivery)
  ctx.status = 204
}
