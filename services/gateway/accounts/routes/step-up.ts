import {
  factsOf,
  fieldProblem,
  type Handler,
  hasTokenInHeader,
  readBodyThenCaller,
  readJsonObject,
  refuseUnknownFields,
  textFields,
} from '../../http/index.ts'
import type { SessionRouteDeps } from '../../sessions/index.ts'
import { rateLimited, requireUser, stepUp } from '../index.ts'

/**
 * `POST /step-up` `{password}`: proves for five minutes, to every gateway, that the password of
 * this session was given again. A browser gets the proof as a cookie that no script reads, a caller
 * with a token in the header gets it in the body.
 */
export const stepUpRoute: Handler<SessionRouteDeps> = (deps) => async (ctx) => {
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
