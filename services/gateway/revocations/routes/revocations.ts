import type { Context } from 'koa'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import { type EpochMs, sessionId } from '../../../../shared/kernel/ids.ts'
import { type Actor, requireActor } from '../../accounts/authority.ts'
import { bodyThen, readJsonObject, textFields } from '../../http/body.ts'
import { fieldProblem } from '../../http/field-problem.ts'
import { refuseOthers } from '../../http/input-fields.ts'
import { requestOrigin } from '../../http/request-origin.ts'
import { cameInHeader } from '../../http/token-in-request.ts'
import type { RouteParts } from '../../route-parts.ts'
import { keepCaller } from '../../sessions/kept-device.ts'
import { setDelivery } from '../../sessions/routes/logout.ts'
import { appendCutOff } from '../append-cutoff.ts'
import { appendRevocation, type RevocationTarget } from '../append-revocation.ts'
import { boundedPreviewOf, countOwn } from '../bounded-preview.ts'
import { deliver } from '../delivery.ts'
import { delivered } from '../end-session.ts'
import { idOfTarget } from '../preview.ts'
import { type FoundTarget, namedTarget, noSuchSession, sessionTarget } from './revocation-target.ts'

type Route = (parts: RouteParts) => (ctx: Context) => Promise<void>

const isOwnUser = (actor: Actor, target: RevocationTarget): boolean =>
  actor.by === 'person' && target.scope === 'subject' && target.sub === actor.user.sub

const endsCaller = (actor: Actor, target: RevocationTarget): boolean => {
  if (actor.by !== 'person') return false
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
  parts: RouteParts,
  ctx: Context,
  actor: Actor,
  found: FoundTarget,
): Promise<void> => {
  const { target } = found
  const origin = requestOrigin(ctx, parts.proxyHops)
  const commit =
    target.scope === 'subject' && isOwnUser(actor, target)
      ? await appendCutOff(parts, { target, reason: 'logout_all', origin })
      : await appendRevocation(parts, target, origin)
  if (!commit) throw noSuchSession()
  const { status, position } = await delivered(parts, commit)
  if (endsCaller(actor, target) && !cameInHeader(parts, ctx)) parts.cookies.clear(ctx)
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
  parts: RouteParts,
  ctx: Context,
  actor: Actor,
  arrival: EpochMs,
): Promise<void> => {
  if (actor.by !== 'person') throw noOwnSession()
  const target = { scope: 'subject', sub: actor.user.sub } as const
  const cut = { target, reason: 'logout_all', origin: requestOrigin(ctx, parts.proxyHops) } as const
  const { ended, tokens } = await keepCaller(parts, ctx, actor, {
    arrival,
    cut: () => appendCutOff(parts, cut),
  })
  const { status, position } = await deliver(parts, ended)
  setDelivery(ctx, { status, position })
  ctx.body = { status, position, ...tokens }
}

const previewIn = ({ query }: Context): boolean => {
  const { preview = 'false' } = query
  if (preview === 'true' || preview === 'false') return preview === 'true'
  throw fieldProblem('preview', 'Must be true or false.')
}

const previewOthers = async (parts: RouteParts, ctx: Context, actor: Actor): Promise<void> => {
  if (actor.by !== 'person') throw noOwnSession()
  const { sub } = actor.user
  const others = await countOwn(parts, sub, actor.claims.sid)
  ctx.body = { preview: true, scope: 'others', id: sub, sessions: others, users: others && 1 }
}

/**
 * `POST /revocations` `{"scope": "token" | "session" | "subject" | "others" | "client" | "all",
 * "id": …}`. People end what is their own, administrators and service clients with the permission
 * `revoke` everything. A team's own directory calls it after it changed a password or disabled a
 * user. Each is one commit, however much it ends. `?preview=true` answers how many sessions of how
 * many users live that it would end, and ends none.
 */
export const revocationsRoute: Route = (parts) => async (ctx) => {
  const arrival = parts.storeClock.now()
  const isPreview = previewIn(ctx)
  const judge = () => requireActor(parts, ctx, arrival, 'revoke')
  const [actor, body] = await bodyThen(readJsonObject(ctx), judge)
  refuseOthers(body, ['scope', 'id'])
  const { scope } = textFields(body, 'scope')
  const id = body.has('id') ? textFields(body, 'id').id : null
  if (scope === 'others') {
    if (id !== null) throw fieldProblem('id', 'Not with the scope "others", which is one’s own.')
    return isPreview ? previewOthers(parts, ctx, actor) : endOthers(parts, ctx, actor, arrival)
  }
  const found = await namedTarget(parts, actor, { scope, id, now: arrival })
  if (!isPreview) return end(parts, ctx, actor, found)
  ctx.body = { preview: true, ...shown(found), ...(await boundedPreviewOf(parts, found.target)) }
}

/** `DELETE /sessions/{sid}`: the same for one session. Twice does no harm. */
export const endSessionRoute: Route = (parts) => async (ctx) => {
  const actor = await requireActor(parts, ctx, parts.storeClock.now(), 'revoke')
  const { sid } = ctx['params'] as { sid: string }
  if (!/^[0-9a-f]{32}$/.test(sid)) throw noSuchSession()
  const target = await sessionTarget(parts, actor, sessionId(sid))
  await end(parts, ctx, actor, { target, by: null })
}
