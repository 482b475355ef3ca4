import type { Context } from 'koa'
import type { Permission, ServiceClient } from '../../../shared/http/service-clients.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { Person as Known } from '../../../shared/ports/credentials.ts'
import type { BearerClaims } from '../../../shared/tokens/claims.ts'
import { noteAdministrator, tokenInContext } from '../http/index.ts'
import type { CallerDeps } from './caller.ts'
import { callerOf } from './caller.ts'
import { usersOf } from './user-lookup.ts'

/** Who holds a live session of an active account, both asked now. */
export type Person = Readonly<{ claims: BearerClaims; user: Known }>
/** On whose word a route acts. */
export type Authority =
  | (Person & Readonly<{ by: 'owner' | 'administrator' }>)
  | Readonly<{ by: 'service'; client: ServiceClient }>

const forbidden = (): AuthError =>
  new AuthError('FORBIDDEN', 'You do not have permission to perform this action.')

/**
 * The person who sent this request, by cookie or bearer token.
 * @throws AuthError NOT_AUTHENTICATED, HEADER_INVALID, FORBIDDEN when the account is disabled;
 * Refusal 401 naming what is wrong with the token.
 */
export const requirePerson = async (
  deps: CallerDeps,
  ctx: Context,
  now: EpochMs,
): Promise<Person> => {
  const claims = await callerOf(deps, ctx, now)
  const who = await usersOf(deps).credentials.bySub(claims.sub)
  // An interrupted change of the account may just have been completed, and have ended the session.
  if (who.state === 'changed') return requirePerson(deps, ctx, now)
  if (who.state !== 'active') throw forbidden()
  return { claims, user: who.person }
}

/**
 * A service says so by its scheme, and a cookie beside is not looked at. `Basic` of somebody else,
 * such as a proxy's in front of a whole site, leaves the person's token to speak.
 * @throws Refusal 401 where nothing else speaks, 403 when the client may not do this.
 */
const serviceIn = (
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
  { user }: Person,
): boolean => {
  const isOne = user.roles.includes(adminRole)
  if (isOne) noteAdministrator(ctx)
  return isOne
}

/**
 * An administrator, or a service client that may do this. The role is the directory's of now: a
 * token that says it still, or does not say it yet, decides nothing.
 * @throws AuthError FORBIDDEN and those of `requirePerson`; Refusal 401, 403 of a service client.
 */
export const requireAdministrator = async (
  deps: CallerDeps,
  ctx: Context,
  now: EpochMs,
  permission: Permission,
): Promise<Authority> => {
  const client = serviceIn(deps, ctx, permission)
  if (client !== null) return { by: 'service', client }
  const person = await requirePerson(deps, ctx, now)
  if (!isAdministrator(deps, ctx, person)) throw forbidden()
  return { by: 'administrator', ...person }
}

/**
 * The user `sub`, by id or name, for what is their own, else as `requireAdministrator`.
 * @throws as `requireAdministrator`.
 */
export const requireOwnerOrAdministrator = async (
  deps: CallerDeps,
  ctx: Context,
  now: EpochMs,
  { sub, permission }: Readonly<{ sub: string; permission: Permission }>,
): Promise<Authority> => {
  const client = serviceIn(deps, ctx, permission)
  if (client !== null) return { by: 'service', client }
  const person = await requirePerson(deps, ctx, now)
  if (person.user.sub === sub) return { by: 'owner', ...person }
  if (isAdministrator(deps, ctx, person)) return { by: 'administrator', ...person }
  if (person.user.username === sub) return { by: 'owner', ...person }
  throw forbidden()
}

/** Whoever may ask; what of, depends on whose it is. */
export type Actor =
  | (Person & Readonly<{ by: 'person'; isAdministrator: boolean }>)
  | Readonly<{ by: 'service'; client: ServiceClient }>

/**
 * A service client that may do this, or a person, whoever that is.
 * @throws as `requirePerson`; Refusal 401, 403 of a service client.
 */
export const requireActor = async (
  deps: CallerDeps,
  ctx: Context,
  now: EpochMs,
  permission: Permission,
): Promise<Actor> => {
  const client = serviceIn(deps, ctx, permission)
  if (client !== null) return { by: 'service', client }
  const person = await requirePerson(deps, ctx, now)
  return { by: 'person', isAdministrator: isAdministrator(deps, ctx, person), ...person }
}

/** Whether the actor may touch what is another's. */
export const mayEverything = (actor: Actor): boolean =>
  actor.by === 'service' || actor.isAdministrator

/** @throws AuthError NOT_FOUND where a team's own directory keeps the users. */
export const requireOwnUsers = ({ accounts: { ownUsers } }: CallerDeps): void => {
  if (ownUsers) throw new AuthError('NOT_FOUND', 'The users are kept elsewhere.')
}
