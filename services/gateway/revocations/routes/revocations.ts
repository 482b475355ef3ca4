import type { Context } from 'koa'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import { type EpochMs, msOf, sessionId } from '../../../../shared/kernel/ids.ts'
import {
  type Caller,
  refuseEndedBy,
  requireCaller,
  requireSteppedUp,
} from '../../accounts/index.ts'
import {
  factsOf,
  fieldProblem,
  hasTokenInHeader,
  readBodyThenCaller,
  readJsonObject,
  refuseUnknownFields,
  textFields,
} from '../../http/index.ts'
import { keepThisDevice } from '../../sessions/index.ts'
import {
  appendCutoff,
  appendRevocation,
  type Delivery,
  deliver,
  deliverUnlessPublished,
  idOfTarget,
  type RevocationTarget,
  setDeliveryHeaders,
} from '../index.ts'
import { boundedPreview, countSessionsOf } from './bounded-preview.ts'
import type { RevocationRouteDeps } from './revocation-target.ts'
import { type FoundTarget, findTarget, noSuchSession, sessionTarget } from './revocation-target.ts'

type Route = (deps: RevocationRouteDeps) => (ctx: Context) => Promise<void>

const isOwnUser = (caller: Caller, target: RevocationTarget): boolean =>
  caller.kind === 'user' && target.scope === 'subject' && target.sub === caller.user.sub

const endsCaller = (caller: Caller, target: RevocationTarget): boolean => {
  if (caller.kind !== 'user') return false
  const { sid, client_id } = caller.claims
  return (
    target.scope === 'all' ||
    isOwnUser(caller, target) ||
    (target.scope === 'session' && target.sid === sid) ||
    (target.scope === 'client' && target.client === client_id)
  )
}

/** Receipts are named where an auditor signs them. */
const deliveryBody = ({ status, position, receipts }: Delivery) => ({
  ...{ status, position },
  ...(receipts.length > 0 && { receipts }),
})

/** Ends the target and waits for the log. Clears the cookies if the caller's own session ended. */
const endAndAnswer = async (
  deps: RevocationRouteDeps,
  ctx: Context,
  caller: Caller,
  found: FoundTarget,
): Promise<void> => {
  const { target } = found
  const origin = factsOf(ctx).origin
  const commit =
    target.scope === 'subject' && isOwnUser(caller, target)
      ? await appendCutoff(deps, { target, reason: 'logout_all', origin })
      : await appendRevocation(deps, target, origin)
  if (!commit) throw noSuchSession()
  const delivery = await deliverUnlessPublished(deps, commit)
  if (endsCaller(caller, target) && !hasTokenInHeader(deps.http, ctx)) deps.http.cookies.clear(ctx)
  setDeliveryHeaders(ctx, delivery)
  ctx.body = { ...deliveryBody(delivery), ...describeTarget(found) }
}

/** The target as the service understood it. */
const describeTarget = ({ target, foundBy }: FoundTarget) => ({
  scope: target.scope,
  id: idOfTarget(target),
  ...(foundBy === null ? {} : { found_by: foundBy }),
})

const noOwnSession = (): AuthError =>
  new AuthError('FORBIDDEN', 'A service has no session that could be kept.')

/** "Log out the others": the caller's session ends as well, and a new one replaces it. */
const endOthers = async (
  deps: RevocationRouteDeps,
  ctx: Context,
  caller: Caller,
  arrival: EpochMs,
): Promise<void> => {
  if (caller.kind !== 'user') throw noOwnSession()
  const target = { scope: 'subject', sub: caller.user.sub } as const
  const cutoff = {
    target,
    reason: 'logout_all',
    origin: factsOf(ctx).origin,
    onNewest: (newest: number) => refuseEndedBy(deps, caller.claims, newest),
  } as const
  const { ended, tokens } = await keepThisDevice(deps, ctx, caller, {
    arrival,
    // No password came with it: the new session must not seem to be a new login.
    authenticatedAt: msOf(caller.claims.auth_time),
    endSessions: () => appendCutoff(deps, cutoff),
  })
  const delivery = await deliver(deps, ended)
  setDeliveryHeaders(ctx, delivery)
  ctx.body = { ...deliveryBody(delivery), ...tokens }
}

const isPreviewAsked = ({ query }: Context): boolean => {
  const { preview = 'false' } = query
  if (preview === 'true' || preview === 'false') return preview === 'true'
  throw fieldProblem('preview', 'Must be true or false.')
}

const previewOthers = async (
  deps: RevocationRouteDeps,
  ctx: Context,
  caller: Caller,
): Promise<void> => {
  if (caller.kind !== 'user') throw noOwnSession()
  const { sub } = caller.user
  const others = await countSessionsOf(deps, sub, caller.claims.sid)
  ctx.body = { preview: true, scope: 'others', id: sub, sessions: others, users: others && 1 }
}

/**
 * `POST /revocations` `{"scope": "token" | "session" | "subject" | "others" | "client" | "all",
 * "id": …}`. Users end what is their own; administrators and service clients with the permission
 * `revoke` end everything. A team's own directory calls this after it has changed a password or
 * disabled a user. Each call appends one commit, however much it ends. `?preview=true` ends nothing
 * and answers how many living sessions of how many users it would end.
 */
export const revocationsRoute: Route = (deps) => async (ctx) => {
  const arrival = deps.context.storeClock.now()
  const isPreview = isPreviewAsked(ctx)
  const authorize = () => requireCaller(deps, ctx, arrival, 'revoke')
  const [caller, body] = await readBodyThenCaller(readJsonObject(ctx), authorize)
  refuseUnknownFields(body, ['scope', 'id'])
  const { scope } = textFields(body, 'scope')
  const id = body.has('id') ? textFields(body, 'id').id : null
  if (scope === 'others') {
    if (id !== null) throw fieldProblem('id', 'Not with the scope "others", which is one’s own.')
    return isPreview ? previewOthers(deps, ctx, caller) : endOthers(deps, ctx, caller, arrival)
  }
  const found = await findTarget(deps, caller, { scope, id, now: arrival })
  if (!isPreview) {
    // All of a client are everybody where there is one client.
    const isWide = found.target.scope === 'all' || found.target.scope === 'client'
    if (isWide) requireSteppedUp(deps, ctx, caller, arrival)
    return endAndAnswer(deps, ctx, caller, found)
  }
  ctx.body = {
    preview: true,
    ...describeTarget(found),
    ...(await boundedPreview(deps, found.target)),
  }
}

/** `DELETE /sessions/{sid}`: the same for one session. Repeating it does no harm. */
export const endSessionRoute: Route = (deps) => async (ctx) => {
  const caller = await requireCaller(deps, ctx, deps.context.storeClock.now(), 'revoke')
  const { sid } = ctx['params'] as { sid: string }
  if (!/^[0-9a-f]{32}$/.test(sid)) throw noSuchSession()
  const target = await sessionTarget(deps, caller, sessionId(sid))
  await endAndAnswer(deps, ctx, caller, { target, foundBy: null })
}
