import type { NewCommit } from '../../../../shared/events/commit.ts'
import {
  factsOf,
  fieldProblem,
  type Handler,
  hasTokenInHeader,
  optionalFlag,
  readBodyThenCaller,
  readJsonObject,
  refuseUnknownFields,
  textFields,
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
} from '../index.ts'

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
