import type { Context } from 'koa'
import type { Permission, ServiceClient } from '../../../shared/http/service-clients.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { UserIdentity } from '../../../shared/ports/credentials.ts'
import type { BearerClaims } from '../../../shared/tokens/claims.ts'
import { noteAdministrator, tokenInContext } from '../http/index.ts'
import { type CallerDeps, callerOf } from './authenticate-caller.ts'
import { usersOf } from './user-lookup.ts'

/** A caller with a living session and an active account, as the store and the directory say now. */
export type AuthenticatedUser = Readonly<{ claims: BearerClaims; user: UserIdentity }>
/** The caller of a route for owners, administrators or services. */
export type AuthorizedCaller =
  | (AuthenticatedUser & Readonly<{ kind: 'owner' | 'administrator' }>)
  | Readonly<{ kind: 'service'; client: ServiceClient }>

/** The caller is known, and may not do this. */
export const forbidden = (): AuthError =>
  new AuthError('FORBIDDEN', 'You do not have permission to perform this action.')

/**
 * The user who sent this request, by cookie or bearer token.
 * @throws AuthError NOT_AUTHENTICATED, HEADER_INVALID, FORBIDDEN when the account is disabled;
 * Refusal 401 naming what is wrong with the token.
 */
export const requireUser = async (
  deps: CallerDeps,
  ctx: Context,
  now: EpochMs,
): Promise<AuthenticatedUser> => {
  const claims = await callerOf(deps, ctx, now)
  const found = await usersOf(deps).credentials.bySub(claims.sub)
  // The pending cutoff that was just appended may have ended this session.
  if (found.state === 'changed') return requireUser(deps, ctx, now)
  if (found.state !== 'active') throw forbidden()
  return { claims, user: found.person }
}

/**
 * The service client of a request with an `Authorization: Basic` header; its cookies are ignored.
 * If the client is unknown and the request has a token as well, the header is somebody else's (such
 * as that of a proxy in front of the whole site) and the token counts: `null`.
 * @throws Refusal 401 for an unknown client without a token, 403 when the client may not do this.
 */
const serviceClientOf = (
  deps: CallerDeps,
  ctx: Context,
  permission: Permission,
): ServiceClient | null => {
  if (!/^basic /i.test(ctx.get('authorization'))) return null
  if (tokenInContext(deps.http, ctx).kind === 'token' && !deps.http.clients.knows(ctx)) return null
  return deps.http.clients.authenticate(ctx, permission)
}

const isAdministrator = (
  { accounts: { adminRole } }: CallerDeps,
  ctx: Context,
  { user }: AuthenticatedUser,
): boolean => {
  const hasRole = user.roles.includes(adminRole)
  if (hasRole) noteAdministrator(ctx)
  return hasRole
}

/**
 * An administrator, or a service client with this permission. Whether the user has the role is read
 * from the directory; the roles in the token do not count.
 * @throws AuthError FORBIDDEN and those of `requireUser`; Refusal 401, 403 of a service client.
 */
export const requireAdministrator = async (
  deps: CallerDeps,
  ctx: Context,
  now: EpochMs,
  permission: Permission,
): Promise<AuthorizedCaller> => {
  const client = serviceClientOf(deps, ctx, permission)
  if (client !== null) return { kind: 'service', client }
  const user = await requireUser(deps, ctx, now)
  if (!isAdministrator(deps, ctx, user)) throw forbidden()
  return { kind: 'administrator', ...user }
}

/**
 * The user whose id or name is `sub`; anybody else as `requireAdministrator`.
 * @throws as `requireAdministrator`.
 */
export const requireOwnerOrAdministrator = async (
  deps: CallerDeps,
  ctx: Context,
  now: EpochMs,
  { sub, permission }: Readonly<{ sub: string; permission: Permission }>,
): Promise<AuthorizedCaller> => {
  const client = serviceClientOf(deps, ctx, permission)
  if (client !== null) return { kind: 'service', client }
  const user = await requireUser(deps, ctx, now)
  if (user.user.sub === sub) return { kind: 'owner', ...user }
  if (isAdministrator(deps, ctx, user)) return { kind: 'administrator', ...user }
  if (user.user.username === sub) return { kind: 'owner', ...user }
  throw forbidden()
}

/** Any authenticated user, or a service client with the permission of the route. */
export type Caller =
  | (AuthenticatedUser & Readonly<{ kind: 'user'; isAdministrator: boolean }>)
  | Readonly<{ kind: 'service'; client: ServiceClient }>

/**
 * A service client with this permission, or any authenticated user.
 * @throws as `requireUser`; Refusal 401, 403 of a service client.
 */
export const requireCaller = async (
  deps: CallerDeps,
  ctx: Context,
  now: EpochMs,
  permission: Permission,
): Promise<Caller> => {
  const client = serviceClientOf(deps, ctx, permission)
  if (client !== null) return { kind: 'service', client }
  const user = await requireUser(deps, ctx, now)
  return { kind: 'user', isAdministrator: isAdministrator(deps, ctx, user), ...user }
}

/** Whether the caller may act on sessions and tokens of others: an administrator or a service. */
export const mayActForOthers = (caller: Caller): boolean =>
  caller.kind === 'service' || caller.isAdministrator

/** @throws AuthError NOT_FOUND where the users are in a team's own directory. */
export const requireBuiltInDirectory = ({ accounts: { ownUsers } }: CallerDeps): void => {
  if (ownUsers) throw new AuthError('NOT_FOUND', 'The users are kept elsewhere.')
}
