import type { Context } from 'koa'
import type { NewCommit } from '../../../../shared/events/commit.ts'
import type { EpochMs, SubjectId } from '../../../../shared/kernel/ids.ts'
import type { User } from '../../../../shared/ports/user-directory.ts'
import {
  bodyProblem,
  bodyThen,
  optionalFlag,
  optionalTexts,
  pageOf,
  readJsonObject,
  refuseOthers,
  textFields,
} from '../../http/index.ts'
import { setDelivery } from '../../revocations/index.ts'
import type { SessionRouteDeps } from '../../sessions/index.ts'
import {
  type Authority,
  createUser,
  deleteKeepingOne,
  deliverAccountChange,
  disableKeepingOne,
  findUser,
  requireAdministrator,
  requireOwnUsers,
  setActive,
  setRolesKeepingOne,
  unknownUser,
} from '../index.ts'

/**
 * The built-in directory for administrators and for service clients with the permission `users`.
 * Nobody chooses another person's password here (ASVS 5.0, 6.4.6), and no answer holds a hash.
 */
type Route = (deps: SessionRouteDeps) => (ctx: Context) => Promise<void>

const administrator = (deps: SessionRouteDeps, ctx: Context): Promise<Authority> => {
  requireOwnUsers(deps)
  return requireAdministrator(deps, ctx, deps.context.storeClock.now(), 'users')
}

const shown = ({ createdAt, lastLoginAt, ...user }: User): object => ({
  sub: user.sub,
  id: user.id,
  username: user.username,
  ...(user.email === undefined ? {} : { email: user.email }),
  active: user.active,
  roles: user.roles,
  created_at: new Date(createdAt).toISOString(),
  last_login: lastLoginAt === undefined ? null : new Date(lastLoginAt).toISOString(),
})

// Half deleted is deleted: whoever meets it completes it.
const isThere = (user: User | null): user is User => user !== null && user.due?.what !== 'deleted'

/** Whom the path names: by id, or by name; the answer says which. @throws AuthError USER_UNKNOWN */
const named = async (
  { accounts: { directory } }: SessionRouteDeps,
  ctx: Context,
): Promise<User> => {
  const { sub: text } = ctx['params'] as { sub: string }
  const found = await findUser(directory, text)
  if (!found || !isThere(found.user)) throw unknownUser(text)
  ctx.set('Found-By', found.by)
  return found.user
}

const known = async (
  { accounts: { directory } }: SessionRouteDeps,
  sub: SubjectId,
): Promise<User> => {
  const user = await directory.bySub(sub)
  if (!isThere(user)) throw unknownUser(sub)
  return user
}

/** `GET /users?after=&limit=` → `{users, next}`, in order of name; `next` is `null` at the end. */
export const listUsersRoute: Route = (deps) => async (ctx) => {
  await administrator(deps, ctx)
  const { after, limit } = pageOf(ctx)
  const page = await deps.accounts.directory.list(after, limit)
  const last = page.length < limit ? undefined : page.at(-1)
  ctx.body = { users: page.filter(isThere).map(shown), next: last?.username ?? null }
}

const freshPassword = ({ context: { entropy } }: SessionRouteDeps): string =>
  entropy.bytes(15).toString('base64url')

/**
 * `POST /users` `{username, email?, roles?}`: answers a random password, shown once, that opens the
 * account for `CURFEW_INITIAL_PASSWORD_LIFETIME` (ASVS 5.0, 6.4.1); the user chooses another one
 * until then.
 * A service client may send `password`, as a page for signing up passes on what its user chose.
 */
export const createUserRoute: Route = (deps) => async (ctx) => {
  const judge = () => administrator(deps, ctx)
  const [authority, body] = await bodyThen(readJsonObject(ctx), judge)
  const isService = authority.by === 'service'
  refuseOthers(body, ['username', 'email', 'roles', ...(isService ? ['password'] : [])])
  const { username } = textFields(body, 'username')
  const roles = optionalTexts(body, 'roles') ?? []
  const email = body.has('email') ? { email: textFields(body, 'email').email } : {}
  const chosen = body.has('password') ? textFields(body, 'password').password : null
  const until = (deps.context.storeClock.now() + deps.accounts.initialPasswordMs) as EpochMs
  const password = chosen ?? freshPassword(deps)
  const given = chosen === null ? { passwordUntil: until } : {}
  const user = await createUser(deps, { username, password, roles, ...email, ...given })
  ctx.status = 201
  ctx.body = {
    ...shown(user),
    ...(chosen === null
      ? { initial_password: password, initial_password_until: new Date(until).toISOString() }
      : {}),
  }
}

/** `GET /users/{sub}`. */
export const userRoute: Route = (deps) => async (ctx) => {
  await administrator(deps, ctx)
  ctx.body = shown(await named(deps, ctx))
}

const switchAccount = (deps: SessionRouteDeps, sub: SubjectId, active: boolean) =>
  active ? setActive(deps, sub, true) : disableKeepingOne(deps, sub)

/**
 * `PATCH /users/{sub}` `{active?, roles?}`. Disabling, and taking a role away, ends every session
 * of the user. What leaves no active administrator is 409 `administrator_last`.
 */
export const changeUserRoute: Route = (deps) => async (ctx) => {
  const judge = () => administrator(deps, ctx)
  const [, body] = await bodyThen(readJsonObject(ctx), judge)
  const { sub } = await named(deps, ctx)
  refuseOthers(body, ['active', 'roles'])
  const [active, roles] = [optionalFlag(body, 'active'), optionalTexts(body, 'roles')]
  if (active === null && roles === null) {
    throw bodyProblem('Give active, roles or both.')
  }
  const commits: NewCommit[] = []
  // Roles first: they may be refused, and then nothing has changed.
  const changed = roles === null ? null : await setRolesKeepingOne(deps, sub, () => roles)
  if (changed) commits.push(changed)
  if (active !== null) commits.push(await switchAccount(deps, sub, active))
  const delivery = await deliverAccountChange(deps, commits)
  if (delivery) setDelivery(ctx, delivery)
  ctx.body = shown(await known(deps, sub))
}

/** A deletion that crashed half way is completed by asking again. */
const deletable = async (
  { accounts: { directory } }: SessionRouteDeps,
  ctx: Context,
): Promise<SubjectId> => {
  const { sub: text } = ctx['params'] as { sub: string }
  const found = await findUser(directory, text)
  if (!found) throw unknownUser(text)
  ctx.set('Found-By', found.by)
  return found.user.sub
}

/**
 * `DELETE /users/{sub}`: ends every session and removes the account; 204, or 409 for the last
 * administrator.
 */
export const deleteUserRoute: Route = (deps) => async (ctx) => {
  await administrator(deps, ctx)
  const sub = await deletable(deps, ctx)
  const delivery = await deliverAccountChange(deps, await deleteKeepingOne(deps, sub))
  if (delivery) setDelivery(ctx, delivery)
  ctx.status = 204
}
