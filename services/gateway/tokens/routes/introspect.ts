import type { Context } from 'koa'
import {
  type RequestReading,
  readForm,
  requiredParameter,
  withOAuthErrors,
} from '../../http/index.ts'
import { checkMinimumPosition, setKnown } from '../../publication/index.ts'
import { introspectToken, type TokenDeps } from '../index.ts'

export type IntrospectionDeps = TokenDeps & Readonly<{ http: Pick<RequestReading, 'clients'> }>

/**
 * `POST /introspect` (RFC 7662): asks the event store, so a stale guard can rely on it. For an
 * inactive token the answer is exactly `{"active": false}`, whatever the reason.
 */
export const introspectRoute = (deps: IntrospectionDeps) =>
  withOAuthErrors(async (ctx: Context): Promise<void> => {
    const now = deps.context.storeClock.now()
    deps.http.clients.authenticate(ctx, 'introspect')
    checkMinimumPosition(ctx, deps.context.storeClock)
    const form = await readForm(ctx)
    const token = requiredParameter(form, 'token')
    setKnown(ctx, deps.context.storeClock)
    const hint = form.get('token_type_hint') ?? null
    ctx.body = (await introspectToken(deps, { token, hint, now })) ?? { active: false }
  })
