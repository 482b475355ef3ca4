import { z } from 'zod'
import { component, json } from '../../../../shared/http/route-doc.ts'
import {
  answering,
  type GatewayRoute,
  get,
  post,
  takingFields,
  throttled,
  toAdministrators,
  toClients,
} from '../../http/index.ts'
import { type GuardRouteDeps, guardsRoute, reportBody, reportGuardRoute } from './guards.ts'

const tag = 'Guards'

const guard = component(
  'Guard',
  reportBody.extend({ client: z.string(), instance: z.string(), silent_ms: z.int() }),
)

export type GuardBody = z.infer<typeof guard>

const full = { ...throttled, description: 'This client has 1,000 guards attached already.' }

/** Which guards are attached. */
export const guardRoutes: readonly GatewayRoute<GuardRouteDeps>[] = [
  post('/guards/:instance', reportGuardRoute, {
    summary: 'A guard says that it is there; repeated every few seconds',
    tag,
    security: [['serviceClient']],
    parameters: [
      {
        in: 'path',
        name: 'instance',
        description: 'One process’s guard; random, new with each start.',
        schema: z.string(),
      },
    ],
    body: [json(reportBody)],
    answers: takingFields(toClients({ 204: { description: 'Noted.' }, 429: full })),
  }),
  get('/guards', guardsRoute, {
    summary: 'Guards that reported in the last minute, and how fresh each is',
    tag,
    security: [['accessCookie'], ['bearer'], ['serviceClient']],
    answers: answering(
      toAdministrators({
        200: { description: 'All of them.', content: json(z.object({ guards: z.array(guard) })) },
      }),
    ),
  }),
]
