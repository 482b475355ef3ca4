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
 * `POST /introspect` (RFC 7662): asks the store, so it is the authority when a guard is stale. An
 * inactive token is exactly `{"active": false}`, whatever the reason.
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
