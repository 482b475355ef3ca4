import { z } from 'zod'
import { badParameters } from '../../services/gateway/http/index.ts'
import { json, type Route } from '../../shared/http/route-doc.ts'

const tag = 'Health'
const security: readonly [] = []
const readiness = z.object({
  ready: z.boolean(),
  status: z.enum(['ready', 'degraded', 'unready', 'draining']),
  parts: z.record(z.string(), z.string()),
  notReady: z.array(z.string()),
  degraded: z.array(z.string()),
})

/** What shared/http/health.ts answers, in every process. */
export const healthRouteDocs: readonly Omit<Route<never>, 'handler'>[] = [
  {
    method: 'get',
    path: '/healthz',
    doc: {
      summary: 'The process answers',
      tag,
      security,
      answers: {
        200: { description: 'It does.', content: json(z.object({ status: z.literal('ok') })) },
        400: badParameters,
      },
    },
  },
  {
    method: 'get',
    path: '/readyz',
    doc: {
      summary: 'Whether the process should get traffic, and which part is not ready or degraded',
      tag,
      security,
      answers: {
        200: {
          description:
            'It should; `degraded` names the parts whose promise is weakened, `parts` why.',
          content: json(readiness),
        },
        400: badParameters,
        503: {
          description: 'It should not.',
          content: json(readiness),
          headers: { 'Retry-After': 'Seconds after which to look again.' },
        },
      },
    },
  },
]
