import { z } from 'zod'
import { component, json } from '../../../shared/http/route-doc.ts'
import {
  answering,
  badParameters,
  changing,
  revoking,
  takingFields,
  toAdministrators,
  unauthenticated,
} from './answer-docs.ts'
import { del, type GatewayRoute, get, post } from './gateway-route.ts'
import { endSessionRoute, revocationsRoute } from './revocations.ts'
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
const page = component(
  'SessionPage',
  z.object({ sessions: z.array(session), next: z.string().nullable() }),
)
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

const scope = z.enum(['token', 'session', 'subject', 'others', 'client', 'all'])
const delivery = z.object({
  status: z.enum(['acknowledged', 'pending']),
  position: z.string().nullable(),
})
/** For `others`, to a caller without cookies: the new session's. */
const withTokens = delivery.extend({
  access: z.string().optional(),
  refresh: z.string().optional(),
  token: z.string().optional(),
})
const ended = revoking({ description: 'Ended.', content: json(delivery) })
const inPath = (name: string) =>
  ({ in: 'path', name, description: 'Whose.', schema: z.string() }) as const

/** Where somebody is logged in, and how that ends. */
export const sessionRoutes: readonly GatewayRoute[] = [
  get('/sessions', ownSessionsRoute, {
    summary: 'Where the caller is, or was, logged in; newest first',
    tag,
    security: byPerson,
    parameters: pageParameters,
    answers: answering({
      200: { description: 'One page.', content: json(page) },
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
        200: { description: 'One page.', content: json(page) },
        400: badParameters,
      }),
    ),
  }),
  del('/sessions/:sid', endSessionRoute, {
    summary: 'End one session: an own one, or any as an administrator or a service',
    tag,
    security: byAnybody,
    parameters: [inPath('sid')],
    answers: changing(toAdministrators({ 200: ended, 400: badParameters })),
  }),
  post('/revocations', revocationsRoute, {
    summary: 'End a token, a session, a user’s sessions, all others, a client’s, or everyone’s',
    description:
      'People end what is their own; administrators and service clients with the permission ' +
      '`revoke` end everything. `others` keeps the caller logged in, in a new session.',
    tag,
    security: byAnybody,
    body: [json(z.object({ scope, id: z.string().optional() }))],
    answers: takingFields(
      toAdministrators({
        200: revoking({
          description: 'Ended.',
          content: json(withTokens),
          headers: { 'Set-Cookie': 'For `others`: the token cookies of the new session.' },
        }),
      }),
    ),
  }),
]
