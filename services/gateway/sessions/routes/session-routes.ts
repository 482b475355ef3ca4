import { z } from 'zod'
import { component, json } from '../../../../shared/http/route-doc.ts'
import {
  answering,
  badParameters,
  foundBy,
  type GatewayRoute,
  get,
  toAdministrators,
  unauthenticated,
} from '../../http/index.ts'
import type { SessionRouteDeps } from '../index.ts'
import { ownSessionsRoute, userSessionsRoute } from './sessions.ts'

const tag = 'Sessions'
const byPerson = [['accessCookie'], ['bearer']] as const
const byAnybody = [...byPerson, ['serviceClient']] as const

const instant = z.iso.datetime()
const use = z.object({
  at: instant,
  address: z.string().nullable(),
  agent: z.string().nullable(),
})
const session = component(
  'Session',
  z.object({
    sid: z.string(),
    current: z.boolean(),
    status: z.enum(['alive', 'ended', 'expired']),
    client_id: z.string().nullable(),
    kind: z.enum(['pair', 'sliding']).nullable(),
    started: use.nullable(),
    last_used: use.nullable(),
    expires_at: instant,
    ended: z.object({ at: instant.nullable(), reason: z.string().nullable() }).nullable(),
  }),
)
export const sessionPageSchema = component(
  'SessionPage',
  z.object({ sessions: z.array(session), next: z.string().nullable() }),
)
export type SessionPageBody = z.infer<typeof sessionPageSchema>

const pageParameters = [
  {
    in: 'query',
    name: 'limit',
    description: 'Sessions a page; 20 without it.',
    schema: z.int().min(1).max(100),
  },
  {
    in: 'query',
    name: 'after',
    description: '`next` of the page before.',
    schema: z.string(),
  },
] as const

const inPath = (name: string) =>
  ({ in: 'path', name, description: 'Whose.', schema: z.string() }) as const

/** Where somebody is logged in. */
export const sessionRoutes: readonly GatewayRoute<SessionRouteDeps>[] = [
  get('/sessions', ownSessionsRoute, {
    summary: 'Where the caller is, or was, logged in; newest first',
    tag,
    security: byPerson,
    parameters: pageParameters,
    answers: answering({
      200: { description: 'One page.', content: json(sessionPageSchema) },
      400: badParameters,
      401: unauthenticated,
      403: toAdministrators({})[403] ?? unauthenticated,
    }),
  }),
  get('/users/:sub/sessions', userSessionsRoute, {
    summary: 'Where a user is, or was, logged in; newest first',
    tag,
    security: byAnybody,
    parameters: [inPath('sub'), ...pageParameters],
    answers: answering(
      toAdministrators({
        200: { description: 'One page.', content: json(sessionPageSchema), headers: foundBy },
        400: badParameters,
      }),
    ),
  }),
]
