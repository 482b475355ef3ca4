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
  mayActForOthers,
} from '../../accounts/index.ts'
import { codeOfProblem, fieldProblem, Refusal } from '../../http/index.ts'
import { requireRefreshToken } from '../../tokens/index.ts'
import {
  longestTokenEnd,
  type RevocationTarget,
  requireKnownClient,
  requireKnownTokenId,
} from '../index.ts'
import type { RevocationRouteDeps } from './revocation-route-deps.ts'

type Named = Readonly<{ scope: string; id: string | null; now: EpochMs }>
/** What a request names; of a subject, also what they were found by. */
export type FoundTarget = Readonly<{ target: RevocationTarget; by: FoundBy | null }>

const forbidden = (): AuthError =>
  new AuthError('FORBIDDEN', 'You do not have permission to perform this action.')

export const noSuchSession = (): Refusal =>
  new Refusal(404, { detail: 'No such session.', code: 'not_found' })

const requireAll = (actor: Caller): void => {
  if (!mayActForOthers(actor)) throw forbidden()
}

const isOwnOf = (actor: Caller, sub: SubjectId): boolean =>
  actor.kind === 'user' && actor.user.sub === sub

const required = (id: string | null): string => {
  if (id === null) throw fieldProblem('id', 'This field is required.')
  return id
}

/** What is wrong with an id is said of the field that it came in. */
const idAs = <Id>(read: (text: string) => Id, id: string | null): Id => {
  const text = required(id)
  try {
    return read(text)
  } catch (error) {
    if (isAuthError(error, 'INPUT_INVALID')) throw fieldProblem('id', error.message)
    throw error
  }
}

/** Their own by no id at all, by their id, or by their name; anybody's by whom may end all. */
const subjectTarget = async (
  deps: RevocationRouteDeps,
  actor: Caller,
  id: string | null,
): Promise<FoundTarget> => {
  const found = (sub: SubjectId, by: FoundBy | null): FoundTarget => ({
    target: { scope: 'subject', sub },
    by,
  })
  if (id === null && actor.kind === 'user') return found(actor.user.sub, null)
  const text = required(id)
  if (!couldNameUser(text)) throw fieldProblem('id', 'Neither the id of a user nor a name.')
  if (isOwnOf(actor, text as SubjectId)) return found(text as SubjectId, 'id')
  if (!mayActForOthers(actor) && actor.kind === 'user' && actor.user.username === text) {
    return found(actor.user.sub, 'name')
  }
  requireAll(actor)
  const { sub, foundBy: by } = await findSubject(deps, text)
  return found(sub, by)
}

const clientTarget = async (
  deps: RevocationRouteDeps,
  actor: Caller,
  id: string | null,
): Promise<RevocationTarget> => {
  requireAll(actor)
  const client = idAs(clientId, id)
  await requireKnownClient(deps, client)
  return { scope: 'client', client }
}

const everyone = (actor: Caller, id: string | null): RevocationTarget => {
  requireAll(actor)
  // Who names somebody does not mean everybody.
  if (id !== null) throw fieldProblem('id', 'Not with the scope "all", which ends everybody.')
  return { scope: 'all' }
}

/**
 * A session of somebody else is none for a person: its id tells nothing.
 * @throws Refusal 404.
 */
export const sessionTarget = async (
  { context: { store } }: RevocationRouteDeps,
  actor: Caller,
  sid: SessionId,
): Promise<RevocationTarget> => {
  const [head = null] = await store.heads([sessionStream(sid)])
  const isTheirs = head?.session && (mayActForOthers(actor) || isOwnOf(actor, head.session.sub))
  if (!isTheirs) throw noSuchSession()
  return { scope: 'session', sid }
}

/**
 * A token is named by itself, or by its `jti` where the caller may end any. The id alone does not
 * say which session it is of: that of a refresh token ends its session when it is presented.
 */
const tokenTarget = async (
  deps: RevocationRouteDeps,
  actor: Caller,
  text: string,
  now: EpochMs,
): Promise<RevocationTarget> => {
  if (isTokenId(text)) {
    requireAll(actor)
    await requireKnownTokenId(deps, text)
    const expiresAt = await longestTokenEnd(deps.context.store, deps.policy, now)
    return { scope: 'token', jti: text, expiresAt }
  }
  if (text.split('.').length !== 3) {
    throw fieldProblem('id', 'Neither a token nor the id of one, which is 32 hex digits.')
  }
  const { foreign } = deps.tokens.issuer
  if (foreign?.isTheirs(text)) return foreignTarget(foreign, actor, text, now)
  const bearer = deps.tokens.issuer.verifyBearer(text, now, bearerKinds)
  // Naming a refresh or sliding token ends its session: its other tokens came from it.
  const claims = bearer.ok ? bearer.claims : requireRefreshToken(deps.tokens.issuer, text, now)
  if (!isOwnOf(actor, claims.sub)) requireAll(actor)
  if (claims.token_type !== 'access') return sessionTarget(deps, actor, claims.sid)
  return endOf(claims)
}

const endOf = ({ jti, exp }: BearerClaims): RevocationTarget => ({
  scope: 'token',
  jti,
  expiresAt: (msOf(exp) + revocationMarginMs) as EpochMs,
})

/** Whose `sub` may be spelled like that of a person here and is somebody else. */
const foreignTarget = async (
  foreign: ForeignIssuer,
  actor: Caller,
  token: string,
  now: EpochMs,
): Promise<RevocationTarget> => {
  requireAll(actor)
  const verified = await foreign.verify(token, now)
  if (!verified.ok) throw new AuthError(codeOfProblem[verified.problem], 'a foreign token')
  return endOf(verified.claims)
}

const byIdAlone = async (target: RevocationTarget | Promise<RevocationTarget>) => ({
  target: await target,
  by: null,
})

/**
 * What a request names, if the caller may end it.
 * @throws AuthError FORBIDDEN, INPUT_INVALID, USER_UNKNOWN, CLIENT_UNKNOWN, TOKEN_*; Refusal 400,
 * 404.
 */
export const namedTarget = async (
  deps: RevocationRouteDeps,
  actor: Caller,
  { scope, id, now }: Named,
): Promise<FoundTarget> => {
  switch (scope) {
    case 'token':
      return byIdAlone(tokenTarget(deps, actor, required(id), now))
    case 'session':
      return byIdAlone(sessionTarget(deps, actor, idAs(sessionId, id)))
    case 'subject':
      return subjectTarget(deps, actor, id)
    case 'client':
      return byIdAlone(clientTarget(deps, actor, id))
    case 'all':
      return byIdAlone(everyone(actor, id))
    default:
      throw fieldProblem('scope', `"${scope}" is not a valid choice.`)
  }
}
