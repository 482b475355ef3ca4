import type { Context } from 'koa'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import { type EpochMs, sessionId } from '../../../../shared/kernel/ids.ts'
import { type Caller, requireCaller } from '../../accounts/index.ts'
import {
  fieldProblem,
  hasTokenInHeader,
  readBodyThenCaller,
  readJsonObject,
  refuseUnknownFields,
  requestOrigin,
  textFields,
} from '../../http/index.ts'
import { keepThisDevice } from '../../sessions/index.ts'
import {
  appendCutoff,
  appendRevocation,
  deliver,
  deliverUnlessPublished,
  idOfTarget,
  type RevocationTarget,
  setDelivery,
} from '../index.ts'
import { boundedPreviewOf, countOwn } from './bounded-preview.ts'
import type { RevocationRouteDeps } from './revocation-route-deps.ts'
import { type FoundTarget, namedTarget, noSuchSession, sessionTarget } from './revocation-target.ts'

type Route = (deps: RevocationRouteDeps) => (ctx: Context) => Promise<void>

const isOwnUser = (actor: Caller, target: RevocationTarget): boolean =>
  actor.kind === 'user' && target.scope === 'subject' && target.sub === actor.user.sub

const endsCaller = (actor: Caller, target: RevocationTarget): boolean => {
  if (actor.kind !== 'user') return false
  const { sid, client_id } = actor.claims
  return (
    target.scope === 'all' ||
    isOwnUser(actor, target) ||
    (target.scope === 'session' && target.sid === sid) ||
    (target.scope === 'client' && target.client === client_id)
  )
}

/** Ends what the actor may end, waits for the log, and clears the cookies of who ended itself. */
const end = async (
  deps: RevocationRouteDeps,
  ctx: Context,
  actor: Caller,
  found: FoundTarget,
): Promise<void> => {
  const { target } = found
  const origin = requestOrigin(ctx, deps.http.proxyHops)
  const commit =
    target.scope === 'subject' && isOwnUser(actor, target)
      ? await appendCutoff(deps, { target, reason: 'logout_all', origin })
      : await appendRevocation(deps, target, origin)
  if (!commit) throw noSuchSession()
  const { status, position } = await deliverUnlessPublished(deps, commit)
  if (endsCaller(actor, target) && !hasTokenInHeader(deps.http, ctx)) deps.http.cookies.clear(ctx)
  setDelivery(ctx, { status, position })
  ctx.body = { status, position, ...shown(found) }
}

/** What was meant, as it was understood. */
const shown = ({ target, by }: FoundTarget) => ({
  scope: target.scope,
  id: idOfTarget(target),
  ...(by === null ? {} : { found_by: by }),
})

const noOwnSession = (): AuthError =>
  new AuthError('FORBIDDEN', 'A service has no session that could be kept.')

/** "Log out the others": the caller's session ends too, and a new one takes its place. */
const endOthers = async (
  deps: RevocationRouteDeps,
  ctx: Context,
  actor: Caller,
  arrival: EpochMs,
): Promise<void> => {
  if (actor.kind !== 'user') throw noOwnSession()
  const target = { scope: 'subject', sub: actor.user.sub } as const
  const cutoff = {
    target,
    reason: 'logout_all',
    origin: requestOrigin(ctx, deps.http.proxyHops),
  } as const
  const { ended, tokens } = await keepThisDevice(deps, ctx, actor, {
    arrival,
    endSessions: () => appendCutoff(deps, cutoff),
  })
  const { status, position } = await deliver(deps, ended)
  setDelivery(ctx, { status, position })
  ctx.body = { status, position, ...tokens }
}

const previewIn = ({ query }: Context): boolean => {
  const { preview = 'false' } = query
  if (preview === 'true' || preview === 'false') return preview === 'true'
  throw fieldProblem('preview', 'Must be true or false.')
}

const previewOthers = async (
  deps: RevocationRouteDeps,
  ctx: Context,
  actor: Caller,
): Promise<void> => {
  if (actor.kind !== 'user') throw noOwnSession()
  const { sub } = actor.user
  const others = await countOwn(deps, sub, actor.claims.sid)
  ctx.body = { preview: true, scope: 'others', id: sub, sessions: others, users: others && 1 }
}

/**
 * `POST /revocations` `{"scope": "token" | "session" | "subject" | "others" | "client" | "all",
 * "id": …}`. People end what is their own, administrators and service clients with the permission
 * `revoke` everything. A team's own directory calls it after it changed a password or disabled a
 * user. Each is one commit, however much it ends. `?preview=true` answers how many sessions of how
 * many users live that it would end, and ends none.
 */
export const revocationsRoute: Route = (deps) => async (ctx) => {
  const arrival = deps.context.storeClock.now()
  const isPreview = previewIn(ctx)
  const judge = () => requireCaller(deps, ctx, arrival, 'revoke')
  const [actor, body] = await readBodyThenCaller(readJsonObject(ctx), judge)
  refuseUnknownFields(body, ['scope', 'id'])
  const { scope } = textFields(body, 'scope')
  const id = body.has('id') ? textFields(body, 'id').id : null
  if (scope === 'others') {
    if (id !== null) throw fieldProblem('id', 'Not with the scope "others", which is one’s own.')
    return isPreview ? previewOthers(deps, ctx, actor) : endOthers(deps, ctx, actor, arrival)
  }
  const found = await namedTarget(deps, actor, { scope, id, now: arrival })
  if (!isPreview) return end(deps, ctx, actor, found)
  ctx.body = { preview: true, ...shown(found), ...(await boundedPreviewOf(deps, found.target)) }
}

/** `DELETE /sessions/{sid}`: the same for one session. Twice does no harm. */
export const endSessionRoute: Route = (deps) => async (ctx) => {
  const actor = await requireCaller(deps, ctx, deps.context.storeClock.now(), 'revoke')
  const { sid } = ctx['params'] as { sid: string }
  if (!/^[0-9a-f]{32}$/.test(sid)) throw noSuchSession()
  const target = await sessionTarget(deps, actor, sessionId(sid))
  await end(deps, ctx, actor, { target, by: null })
}
