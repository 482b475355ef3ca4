import type { Context } from 'koa'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { type EpochMs, sessionId } from '../../../shared/kernel/ids.ts'
import { appendRevocation, type RevocationTarget } from '../append-revocation.ts'
import { appendCutOff } from '../cut-off.ts'
import { delivered } from '../logout.ts'
import { deliver } from '../revocation.ts'
import { type Actor, namedBy, requireActor } from './authority.ts'
import { bodyThen, readJsonObject, textFields } from './body.ts'
import { keepCaller } from './kept-device.ts'
import { setDelivery } from './logout.ts'
import { requestOrigin } from './request-origin.ts'
import { namedTarget, noSuchSession, sessionTarget } from './revocation-target.ts'
import type { RouteParts } from './route-parts.ts'
import { cameInHeader } from './shown-in.ts'

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
  target: RevocationTarget,
): Promise<void> => {
  const origin = requestOrigin(ctx, parts.proxyHops)
  const commit =
    target.scope === 'subject' && isOwnUser(actor, target)
      ? await appendCutOff(parts, { target, reason: 'logout_all', origin })
      : await appendRevocation(parts, target, origin)
  if (!commit) throw noSuchSession()
  const { status, position } = await delivered(parts, commit)
  if (endsCaller(actor, target) && !cameInHeader(parts, ctx)) parts.cookies.clear(ctx)
  setDelivery(ctx, { status, position })
  parts.logger.info({ scope: target.scope, by: namedBy(actor) }, 'revoked')
  ctx.body = { status, position }
}

/** "Log out the others": the caller's session ends too, and a new one takes its place. */
const endOthers = async (
  parts: RouteParts,
  ctx: Context,
  actor: Actor,
  arrival: EpochMs,
): Promise<void> => {
  if (actor.by !== 'person') {
    throw new AuthError('FORBIDDEN', 'A service has no session that could be kept.')
  }
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

/**
 * `POST /revocations` `{"scope": "token" | "session" | "subject" | "others" | "client" | "all",
 * "id": …}`. People end what is their own, administrators and service clients with the permission
 * `revoke` everything. A team's own directory calls it after it changed a password or disabled a
 * user. Each is one commit, however much it ends.
 */
export const revocationsRoute: Route = (parts) => async (ctx) => {
  const arrival = parts.storeClock.now()
  const judge = () => requireActor(parts, ctx, arrival, 'revoke')
  const [actor, body] = await bodyThen(readJsonObject(ctx), judge)
  const { scope } = textFields(body, 'scope')
  if (scope === 'others') return endOthers(parts, ctx, actor, arrival)
  const id = body.has('id') ? textFields(body, 'id').id : null
  await end(parts, ctx, actor, await namedTarget(parts, actor, { scope, id, now: arrival }))
}

/** `DELETE /sessions/{sid}`: the same for one session. Twice does no harm. */
export const endSessionRoute: Route = (parts) => async (ctx) => {
  const actor = await requireActor(parts, ctx, parts.storeClock.now(), 'revoke')
  const { sid } = ctx['params'] as { sid: string }
  if (!/^[0-9a-f]{32}$/.test(sid)) throw noSuchSession()
  await end(parts, ctx, actor, await sessionTarget(parts, actor, sessionId(sid)))
}
