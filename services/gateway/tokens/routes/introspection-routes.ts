import type { Context } from 'koa'
import { z } from 'zod'
import { form, json } from '../../../../shared/http/route-doc.ts'
import {
  type GatewayRoute,
  type HttpDeps,
  knownHeader,
  positionParameter,
  post,
  readForm,
  requiredParameter,
  takingForm,
  token,
  withOAuthErrors,
} from '../../http/index.ts'
import { checkMinimumPosition, setKnown } from '../../publication/index.ts'
import { introspectToken, type TokenDeps } from '../index.ts'

export type IntrospectionDeps = TokenDeps & Readonly<{ http: Pick<HttpDeps, 'clients'> }>

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

const tag = 'Services'
const security = [['serviceClient']] as const

const seconds = z.int().optional()
const introspection = z.union([
  z.object({ active: z.literal(false) }),
  // Open: the user-id claim has the name that the settings give it.
  z.looseObject({
    active: z.literal(true),
    token_type: z.literal('Bearer').optional(),
    kind: z.enum(['access', 'sliding', 'refresh']),
    sub: z.string(),
    client_id: z.string(),
    username: z.string().optional(),
    scope: z.string().optional(),
    iat: z.int(),
    exp: z.int(),
    nbf: seconds,
    jti: z.string(),
    iss: z.string(),
    aud: z.union([z.string(), z.array(z.string())]).optional(),
    sid: z.string().optional(),
    auth_time: seconds,
    roles: z.array(z.string()).optional(),
  }),
])

/** RFC 7662, 2.1 names the parameters. */
const tokenForm = z.object({ token, token_type_hint: z.string().optional() })

/** For services with credentials of their own (`CURFEW_SERVICE_CLIENTS`). */
export const introspectionRoutes: readonly GatewayRoute<IntrospectionDeps>[] = [
  post('/introspect', introspectRoute, {
    summary: 'Whether a token is active (RFC 7662), asked of the event store',
    tag,
    security,
    parameters: [positionParameter],
    body: [form(tokenForm)],
    answers: takingForm({
      200: { description: 'The answer.', content: json(introspection), headers: knownHeader },
    }),
  }),
]
