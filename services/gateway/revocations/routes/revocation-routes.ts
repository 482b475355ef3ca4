import type { Context } from 'koa'
import { z } from 'zod'
import { json } from '../../../../shared/http/route-doc.ts'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import { type EpochMs, msOf, sessionId } from '../../../../shared/kernel/ids.ts'
import {
  type Caller,
  refuseEndedBy,
  requireCaller,
  requireSteppedUp,
} from '../../accounts/index.ts'
import {
  badParameters,
  byAnybody,
  changing,
  del,
  factsOf,
  fieldProblem,
  type GatewayRoute,
  hasTokenInHeader,
  post,
  readBodyThenCaller,
  readJsonObject,
  refuseUnknownFields,
  revoking,
  takingFields,
  textFields,
  toAdministrators,
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
import {
  boundedPreview,
  isPreviewAsked,
  previewOthers,
  type UserCaller,
} from './revocation-preview.ts'
import {
  type FoundTarget,
  findTarget,
  noSuchSession,
  type RevocationRouteDeps,
  sessionTarget,
} from './revocation-target.ts'

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

/** "Log out the others": the caller's session ends as well, and a new one replaces it. */
const endOthers = async (
  deps: RevocationRouteDeps,
  ctx: Context,
  caller: UserCaller,
  arrival: EpochMs,
): Promise<void> => {
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
    if (caller.kind !== 'user') {
      throw new AuthError('FORBIDDEN', 'A service has no session that could be kept.')
    }
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

const tag = 'Sessions'

const scope = z.enum(['token', 'session', 'subject', 'others', 'client', 'all'])
const delivery = z.object({
  status: z.enum(['acknowledged', 'pending']),
  position: z.string().nullable(),
  receipts: z.array(z.string()).optional(),
})
const named = delivery.extend({
  scope: scope.optional(),
  id: z.string().nullable().optional(),
  /** For a subject: whether what was given is their id, name or address. */
  found_by: z.enum(['id', 'name', 'email']).optional(),
})
/** For `others`, to a caller without cookies: the new session's. */
const withTokens = named.extend({
  access: z.string().optional(),
  refresh: z.string().optional(),
  token: z.string().optional(),
})
/** The answer to a preview: how much would end. */
const preview = z.object({
  preview: z.literal(true),
  scope,
  id: z.string().nullable(),
  found_by: z.enum(['id', 'name', 'email']).optional(),
  sessions: z.int(),
  users: z.int(),
})
export type EndedBody = z.infer<typeof named>
export type PreviewBody = z.infer<typeof preview>

const ended = revoking({ description: 'Ended.', content: json(named) })
const inPath = (name: string) =>
  ({ in: 'path', name, description: 'Whose.', schema: z.string() }) as const

/** Routes by which users, administrators and services end sessions and tokens. */
export const revocationRoutes: readonly GatewayRoute<RevocationRouteDeps>[] = [
  del('/sessions/:sid', endSessionRoute, {
    summary: 'End one session: an own one, or any as an administrator or a service',
    tag,
    security: byAnybody,
    parameters: [inPath('sid')],
    answers: changing(toAdministrators({ 200: ended, 400: badParameters })),
  }),
  post('/revocations', revocationsRoute, {
    summary: 'End a token, a session, a user’s sessions, all others, a client’s, or everyone’s',
    description:
      'People end what is their own; administrators and service clients with the permission ' +
      '`revoke` end everything. `others` keeps the caller logged in, in a new session. A subject ' +
      'is named by id or by name, and the answer says which; whom or what nobody knows is a 404.',
    tag,
    security: byAnybody,
    parameters: [
      {
        in: 'query',
        name: 'preview',
        description: 'End nothing, and say how many sessions of how many users would end.',
        schema: z.boolean(),
      },
    ],
    body: [json(z.object({ scope, id: z.string().optional() }))],
    answers: takingFields(
      toAdministrators({
        200: revoking({
          description: 'Ended; or, of a preview, what would end.',
          content: json(z.union([withTokens, preview])),
          headers: { 'Set-Cookie': 'For `others`: the token cookies of the new session.' },
        }),
      }),
    ),
  }),
]
