import type { Context } from 'koa'
import type { NewCommit } from '../../../../shared/events/commit.ts'
import type { EpochMs, SubjectId } from '../../../../shared/kernel/ids.ts'
import type { User } from '../../../../shared/ports/user-directory.ts'
import { bodyThen, readJsonObject, textFields } from '../../http/body.ts'
import { bodyProblem } from '../../http/field-problem.ts'
import { optionalFlag, optionalTexts, pageOf, refuseOthers } from '../../http/input-fields.ts'
import type { RouteParts } from '../../route-parts.ts'
import { setDelivery } from '../../sessions/routes/logout.ts'
import { createUser, setActive } from '../accounts.ts'
import { type Authority, requireAdministrator, requireOwnUsers } from '../authority.ts'
import { deliverAll } from '../deliver-account-change.ts'
import { findUser, unknownUser } from '../find-user.ts'
import { deleteKeepingOne, disableKeepingOne, setRolesKeepingOne } from '../last-administrator.ts'

/**
 * The built-in directory for administrators and for service clients with the permission `users`.
 * Nobody chooses another person's password here (ASVS 5.0, 6.4.6), and no answer holds a hash.
 */
type Route = (parts: RouteParts) => (ctx: Context) => Promise<void>

const administrator = (parts: RouteParts, ctx: Context): Promise<Authority> => {
  requireOwnUsers(parts)
  return requireAdministrator(parts, ctx, parts.storeClock.now(), 'users')
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
const named = async ({ directory }: RouteParts, ctx: Context): Promise<User> => {
  const { sub: text } = ctx['params'] as { sub: string }
  const found = await findUser(directory, text)
  if (!found || !isThere(found.user)) throw unknownUser(text)
  ctx.set('Found-By', found.by)
  return found.user
}

const known = async ({ directory }: RouteParts, sub: SubjectId): Promise<User> => {
  const user = await directory.bySub(sub)
  if (!isThere(user)) throw unknownUser(sub)
  return user
}

/** `GET /users?after=&limit=` → `{users, next}`, in order of name; `next` is `null` at the end. */
export const listUsersRoute: Route = (parts) => async (ctx) => {
  await administrator(parts, ctx)
  const { after, limit } = pageOf(ctx)
  const page = await parts.directory.list(after, limit)
  const last = page.length < limit ? undefined : page.at(-1)
  ctx.body = { users: page.filter(isThere).map(shown), next: last?.username ?? null }
}

const freshPassword = ({ entropy }: RouteParts): string => entropy.bytes(15).toString('base64url')

/**
 * `POST /users` `{username, email?, roles?}`: answers a random password, shown once, that opens the
 * account for `CURFEW_INITIAL_PASSWORD_LIFETIME` (ASVS 5.0, 6.4.1); the user chooses another one
 * until then.
 * A service client may send `password`, as a page for signing up passes on what its user chose.
 */
export const createUserRoute: Route = (parts) => async (ctx) => {
  const judge = () => administrator(parts, ctx)
  const [authority, body] = await bodyThen(readJsonObject(ctx), judge)
  const isService = authority.by === 'service'
  refuseOthers(body, ['username', 'email', 'roles', ...(isService ? ['password'] : [])])
  const { username } = textFields(body, 'username')
  const roles = optionalTexts(body, 'roles') ?? []
  const email = body.has('email') ? { email: textFields(body, 'email').email } : {}
  const chosen = body.has('password') ? textFields(body, 'password').password : null
  const until = (parts.storeClock.now() + parts.initialPasswordMs) as EpochMs
  const password = chosen ?? freshPassword(parts)
  const given = chosen === null ? { passwordUntil: until } : {}
  const user = await createUser(parts, { username, password, roles, ...email, ...given })
  ctx.status = 201
  ctx.body = {
    ...shown(user),
    ...(chosen === null
      ? { initial_password: password, initial_password_until: new Date(until).toISOString() }
      : {}),
  }
}

/** `GET /users/{sub}`. */
export const userRoute: Route = (parts) => async (ctx) => {
  await administrator(parts, ctx)
  ctx.body = shown(await named(parts, ctx))
}

const switchAccount = (parts: RouteParts, sub: SubjectId, active: boolean) =>
  active ? setActive(parts, sub, true) : disableKeepingOne(parts, sub)

/**
 * `PATCH /users/{sub}` `{active?, roles?}`. Disabling, and taking a role away, ends every session
 * of the user. What leaves no active administrator is 409 `administrator_last`.
 */
export const changeUserRoute: Route = (parts) => async (ctx) => {
  const judge = () => administrator(parts, ctx)
  const [, body] = await bodyThen(readJsonObject(ctx), judge)
  const { sub } = await named(parts, ctx)
  refuseOthers(body, ['active', 'roles'])
  const [active, roles] = [optionalFlag(body, 'active'), optionalTexts(body, 'roles')]
  if (active === null && roles === null) {
    throw bodyProblem('Give active, roles or both.')
  }
  const commits: NewCommit[] = []
  // Roles first: they may be refused, and then nothing has changed.
  const changed = roles === null ? null : await setRolesKeepingOne(parts, sub, () => roles)
  if (changed) commits.push(changed)
  if (active !== null) commits.push(await switchAccount(parts, sub, active))
  const delivery = await deliverAll(parts, commits)
  if (delivery) setDelivery(ctx, delivery)
  ctx.body = shown(await known(parts, sub))
}

/** A deletion that crashed half way is completed by asking again. */
const deletable = async ({ directory }: RouteParts, ctx: Context): Promise<SubjectId> => {
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
export const deleteUserRoute: Route = (parts) => async (ctx) => {
  await administrator(parts, ctx)
  const sub = await deletable(parts, ctx)
  const delivery = await deliverAll(parts, await deleteKeepingOne(parts, sub))
  if (delivery) setDelivery(ctx, delivery)
  ctx.status = 204
}
