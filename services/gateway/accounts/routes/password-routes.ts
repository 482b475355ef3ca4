import { z } from 'zod'
import type { NewCommit } from '../../../../shared/events/commit.ts'
import { json } from '../../../../shared/http/route-doc.ts'
import {
  byPerson,
  factsOf,
  fieldProblem,
  type GatewayRoute,
  type Handler,
  hasTokenInHeader,
  optionalFlag,
  post,
  readBodyThenCaller,
  readJsonObject,
  refuseUnknownFields,
  revoking,
  takingFields,
  textFields,
  throttled,
  token,
  unauthenticated,
} from '../../http/index.ts'
import { deliver, readCutoffs, setDeliveryHeaders } from '../../revocations/index.ts'
import { keepThisDevice, type SessionRouteDeps } from '../../sessions/index.ts'
import {
  changeOwnPassword,
  type OwnPasswordChange,
  rateLimited,
  refuseEndedBy,
  requireBuiltInDirectory,
  requireUser,
  stepUp,
} from '../index.ts'

/**
 * `POST /step-up` `{password}`: proves for five minutes, to every gateway, that the password of
 * this session was given again. A browser gets the proof as a cookie that no script reads, a caller
 * with a token in the header gets it in the body.
 */
const stepUpRoute: Handler<SessionRouteDeps> = (deps) => async (ctx) => {
  const arrival = deps.context.storeClock.now()
  const authorize = () => requireUser(deps, ctx, arrival)
  const [caller, body] = await readBodyThenCaller(readJsonObject(ctx), authorize)
  refuseUnknownFields(body, ['password'])
  const { password } = textFields(body, 'password')
  const { origin } = factsOf(ctx)
  const result = await stepUp(deps, { caller, password, origin, arrival })
  // Not a 401, which would make clients refresh or log out: the session is good.
  if (result.outcome === 'refused') throw fieldProblem('password', 'Invalid password.')
  if (result.outcome === 'limited') throw rateLimited({ ...result, sub: caller.user.sub })
  const { proof, until } = result
  const isBody = hasTokenInHeader(deps.http, ctx)
  if (!isBody) deps.http.cookies.setStepUp(ctx, proof, (until - arrival) / 1_000)
  const told = { detail: 'step-up success', until: new Date(until).toISOString() }
  ctx.body = { ...told, ...(isBody && { proof }) }
}

/**
 * `POST /password` `{current_password, new_password, keep_this_device?}`: changes the password and
 * ends every session of the caller. With `keep_this_device` it opens a new session in the mode of
 * the request: cookies for a caller with cookies, tokens in the body for one with a header.
 */
export const passwordRoute: Handler<SessionRouteDeps> = (deps) => async (ctx) => {
  requireBuiltInDirectory(deps)
  const arrival = deps.context.storeClock.now()
  const authorize = () => requireUser(deps, ctx, arrival)
  const [person, body] = await readBodyThenCaller(readJsonObject(ctx), authorize)
  refuseUnknownFields(body, ['current_password', 'new_password', 'keep_this_device'])
  const given = textFields(body, 'current_password', 'new_password')
  const keepsDevice = optionalFlag(body, 'keep_this_device') ?? false
  const origin = factsOf(ctx).origin
  const { current_password: current, new_password: next } = given
  const { claims, user } = person
  const stillSignedIn = async (): Promise<void> => {
    const ofCaller = { sub: claims.sub, client: claims.client_id }
    refuseEndedBy(deps, claims, (await readCutoffs(deps.context.store, ofCaller)).sub)
  }
  const change = { person: user, current, next, origin, stillSignedIn }
  const endSessions = () => changeOrThrow(deps, change)
  const result = keepsDevice
    ? await keepThisDevice(deps, ctx, person, { arrival, endSessions })
    : { ended: await endSessions(), tokens: {} }
  if (!keepsDevice && !hasTokenInHeader(deps.http, ctx)) deps.http.cookies.clear(ctx)
  setDeliveryHeaders(ctx, await deliver(deps, result.ended))
  ctx.body = { detail: 'password changed', ...result.tokens }
}

const changeOrThrow = async (
  deps: SessionRouteDeps,
  request: OwnPasswordChange,
): Promise<NewCommit> => {
  const result = await changeOwnPassword(deps, request)
  switch (result.outcome) {
    case 'changed':
      return result.commit
    // Not a 401, which would make clients refresh or log out: the session is good.
    case 'refused':
      throw fieldProblem('current_password', 'Invalid password.')
    case 'limited':
      throw rateLimited(result)
  }
}

const tag = 'Accounts'

const ownTokens = z.object({
  detail: z.literal('password changed'),
  access: token.optional(),
  refresh: token.optional(),
  token: token.optional(),
})

/** What a user does with their own account. */
export const passwordRoutes: readonly GatewayRoute<SessionRouteDeps>[] = [
  post('/password', passwordRoute, {
    summary: 'Change one’s own password; ends every session of the caller',
    description:
      'With `keep_this_device` a new session is opened in the mode of the request: cookies, or ' +
      'tokens in the body. A wrong current password is a 400 and counts as a failed login.',
    tag,
    security: byPerson,
    body: [
      json(
        z.object({
          current_password: z.string(),
          new_password: z.string().min(8).max(1024),
          keep_this_device: z.boolean().optional(),
        }),
      ),
    ],
    answers: takingFields({
      200: revoking({
        description: 'Changed.',
        content: json(ownTokens),
        headers: { 'Set-Cookie': 'In cookie mode: the new cookies, or their deletion.' },
      }),
      401: unauthenticated,
      429: throttled,
    }),
  }),
  post('/step-up', stepUpRoute, {
    summary: 'Give one’s own password again, for what asks for it',
    description:
      'Ending everybody’s sessions, erasing a user and rotating keys take a password that was ' +
      'given at most five minutes ago: at the login, or here. The proof is for this session, and ' +
      'for every gateway: a cookie `step-up` for a browser; `proof` in the body for a caller ' +
      'with a token in the header, who sends it as the header `Step-Up`. A wrong password is a ' +
      '400 and counts as a failed login.',
    tag,
    security: byPerson,
    body: [json(z.object({ password: z.string() }))],
    answers: takingFields({
      200: {
        description: 'Proven.',
        content: json(
          z.object({
            detail: z.literal('step-up success'),
            until: z.iso.datetime(),
            proof: z.string().optional(),
          }),
        ),
        headers: { 'Set-Cookie': 'In cookie mode: the proof.' },
      },
      401: unauthenticated,
      429: throttled,
    }),
  }),
]
