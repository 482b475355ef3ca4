import { z } from 'zod'
import { json } from '../../../../shared/http/route-doc.ts'
import { answering, type GatewayRoute, get, unauthenticated } from '../../http/index.ts'
import type { CallerDeps } from '../index.ts'
import { meRoute } from './me.ts'

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
    security: [['accessCookie'], ['bearer']],
    answers: answering({
      200: { description: 'The caller.', content: json(callerSchema) },
      400: unauthenticated,
      401: unauthenticated,
    }),
  }),
]
