import { z } from 'zod'
import { json } from '../../../../shared/http/route-doc.ts'
import {
  answering,
  byPerson,
  type GatewayRoute,
  get,
  type Handler,
  unauthenticated,
} from '../../http/index.ts'
import { authenticateAny } from '../../tokens/index.ts'
import { activeCaller, type CallerDeps } from '../index.ts'

/** `GET /me`: the caller, asked of the store and the directory. */
export const meRoute: Handler<CallerDeps> = (deps) => async (ctx) => {
  const now = deps.context.storeClock.now()
  const { claims, person } = await activeCaller(deps, ctx, now, authenticateAny)
  ctx.body = {
    user_id: claims[deps.tokens.userIdClaim] ?? claims.sub,
    username: person?.username ?? null,
    roles: person?.roles ?? [],
    sid: deps.tokens.issuer.isOwn(claims) ? claims.sid : null,
    auth_time: claims.auth_time,
  }
}

const tag = 'Cookies'
export const callerSchema = z.object({
  user_id: z.union([z.string(), z.number()]),
  username: z.string().nullable(),
  roles: z.array(z.string()),
  sid: z.string().nullable(),
  auth_time: z.int(),
})

export type CallerBody = z.infer<typeof callerSchema>

/** Who the caller is. */
export const meRoutes: readonly GatewayRoute<CallerDeps>[] = [
  get('/me', meRoute, {
    summary: 'Who the caller is, asked of the event store',
    tag,
    security: byPerson,
    answers: answering({
      200: { description: 'The caller.', content: json(callerSchema) },
      400: unauthenticated,
      401: unauthenticated,
    }),
  }),
]
