import type { ForeignIssuer } from '../../../../shared/guard/index.ts'
import { AuthError, isAuthError } from '../../../../shared/kernel/errors.ts'
import {
  clientId,
  type EpochMs,
  isTokenId,
  msOf,
  type SessionId,
  type SubjectId,
  sessionId,
  sessionStream,
} from '../../../../shared/kernel/ids.ts'
import { revocationMarginMs } from '../../../../shared/session/session-policy.ts'
import { type BearerClaims, bearerKinds } from '../../../../shared/tokens/claims.ts'
import {
  type Caller,
  couldNameUser,
  type FoundBy,
  findSubject,
  forbidden,
  mayActForOthers,
} from '../../accounts/index.ts'
import { codeOfProblem, fieldProblem, Refusal } from '../../http/index.ts'
import type { SessionRouteDeps } from '../../sessions/index.ts'
import { requireRefreshToken } from '../../tokens/index.ts'
import type { ClientDeps } from '../index.ts'
import {
  latestTokenExpiry,
  type RevocationTarget,
  requireKnownClient,
  requireKnownTokenId,
} from '../index.ts'

export type RevocationRouteDeps = SessionRouteDeps & Pick<ClientDeps, 'configuredClients'>

type NamedTarget = Readonly<{ scope: string; id: string | null; now: EpochMs }>
/** The target of a request; for a subject, also what they were found by. */
export type FoundTarget = Readonly<{ target: RevocationTarget; foundBy: FoundBy | null }>

export const noSuchSession = (): Refusal =>
  new Refusal(404, { detail: 'No such session.', code: 'not_found' })

const requireMayActForOthers = (caller: Caller): void => {
  if (!mayActForOthers(caller)) throw forbidden()
}

const isOwnOf = (caller: Caller, sub: SubjectId): boolean =>
  caller.kind === 'user' && caller.user.sub === sub

const required = (id: string | null): string => {
  if (id === null) throw fieldProblem('id', 'This field is required.')
  return id
}

/** Reads the field `id`; an error of `read` becomes a problem of that field. */
const idAs = <Id>(read: (text: string) => Id, id: string | null): Id => {
  const text = required(id)
  try {
    return read(text)
  } catch (error) {
    if (isAuthError(error, 'INPUT_INVALID')) throw fieldProblem('id', error.message)
    throw error
  }
}

/**
 * Users name themselves by no id, by their id or by their name. Administrators and services may
 * name any user.
 */
const subjectTarget = async (
  deps: RevocationRouteDeps,
  caller: Caller,
  id: string | null,
): Promise<FoundTarget> => {
  const found = (sub: SubjectId, by: FoundBy | null): FoundTarget => ({
    target: { scope: 'subject', sub },
    foundBy: by,
  })
  if (id === null && caller.kind === 'user') return found(caller.user.sub, null)
  const text = required(id)
  if (!couldNameUser(text)) throw fieldProblem('id', 'Neither the id of a user nor a name.')
  if (isOwnOf(caller, text as SubjectId)) return found(text as SubjectId, 'id')
  if (!mayActForOthers(caller) && caller.kind === 'user' && caller.user.username === text) {
    return found(caller.user.sub, 'name')
  }
  requireMayActForOthers(caller)
  const { sub, foundBy: by } = await findSubject(deps, text)
  return found(sub, by)
}

const clientTarget = async (
  deps: RevocationRouteDeps,
  caller: Caller,
  id: string | null,
): Promise<RevocationTarget> => {
  requireMayActForOthers(caller)
  const client = idAs(clientId, id)
  await requireKnownClient(deps, client)
  return { scope: 'client', client }
}

const everyone = (caller: Caller, id: string | null): RevocationTarget => {
  requireMayActForOthers(caller)
  // A caller who gives an id does not mean everybody.
  if (id !== null) throw fieldProblem('id', 'Not with the scope "all", which ends everybody.')
  return { scope: 'all' }
}

/**
 * For a user, another user's session does not exist: the answer does not tell whether it does.
 * @throws Refusal 404.
 */
export const sessionTarget = async (
  { context: { store } }: RevocationRouteDeps,
  caller: Caller,
  sid: SessionId,
): Promise<RevocationTarget> => {
  const [head = null] = await store.heads([sessionStream(sid)])
  const isTheirs = head?.session && (mayActForOthers(caller) || isOwnOf(caller, head.session.sub))
  if (!isTheirs) throw noSuchSession()
  return { scope: 'session', sid }
}

/**
 * A token is named by itself, or by its `jti` if the caller may end any token. The `jti` alone does
 * not tell the session: a refresh token that is ended so ends its session when it is used next.
 */
const tokenTarget = async (
  deps: RevocationRouteDeps,
  caller: Caller,
  token: string,
  now: EpochMs,
): Promise<RevocationTarget> => {
  if (isTokenId(token)) {
    requireMayActForOthers(caller)
    await requireKnownTokenId(deps, token)
    const expiresAt = await latestTokenExpiry(deps.context.store, deps.policy, now)
    return { scope: 'token', jti: token, expiresAt }
  }
  if (token.split('.').length !== 3) {
    throw fieldProblem('id', 'Neither a token nor the id of one, which is 32 hex digits.')
  }
  const { foreign } = deps.tokens.issuer
  if (foreign?.isTheirs(token)) return foreignTarget(foreign, caller, token, now)
  const bearer = deps.tokens.issuer.verifyBearer(token, now, bearerKinds)
  // Naming a refresh or sliding token ends its session: its other tokens came from it.
  const claims = bearer.ok ? bearer.claims : requireRefreshToken(deps.tokens.issuer, token, now)
  if (!isOwnOf(caller, claims.sub)) requireMayActForOthers(caller)
  if (claims.token_type !== 'access') return sessionTarget(deps, caller, claims.sid)
  return tokenEndOf(claims)
}

const tokenEndOf = ({ jti, exp }: BearerClaims): RevocationTarget => ({
  scope: 'token',
  jti,
  expiresAt: (msOf(exp) + revocationMarginMs) as EpochMs,
})

/** Needs the permission for all: another issuer's `sub` is somebody else, also if equal to ours. */
const foreignTarget = async (
  foreign: ForeignIssuer,
  caller: Caller,
  token: string,
  now: EpochMs,
): Promise<RevocationTarget> => {
  requireMayActForOthers(caller)
  const verified = await foreign.verify(token, now)
  if (!verified.ok) throw new AuthError(codeOfProblem[verified.problem], 'a foreign token')
  return tokenEndOf(verified.claims)
}

const foundById = async (target: RevocationTarget | Promise<RevocationTarget>) => ({
  target: await target,
  foundBy: null,
})

/**
 * The target of a request, if the caller may end it.
 * @throws AuthError FORBIDDEN, INPUT_INVALID, USER_UNKNOWN, CLIENT_UNKNOWN, TOKEN_*; Refusal 400,
 * 404.
 */
export const findTarget = async (
  deps: RevocationRouteDeps,
  caller: Caller,
  { scope, id, now }: NamedTarget,
): Promise<FoundTarget> => {
  switch (scope) {
    case 'token':
      return foundById(tokenTarget(deps, caller, required(id), now))
    case 'session':
      return foundById(sessionTarget(deps, caller, idAs(sessionId, id)))
    case 'subject':
      return subjectTarget(deps, caller, id)
    case 'client':
      return foundById(clientTarget(deps, caller, id))
    case 'all':
      return foundById(everyone(caller, id))
    default:
      throw fieldProblem('scope', `"${scope}" is not a valid choice.`)
  }
}
