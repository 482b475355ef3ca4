import { z } from 'zod'
import { component, json } from '../../../../shared/http/route-doc.ts'
import {
  answering,
  badParameters,
  changing,
  foundBy,
  revoking,
  takingFields,
  toAdministrators,
  unauthenticated,
} from '../../http/answer-docs.ts'
import { del, type GatewayRoute, get, post } from '../../http/gateway-route.ts'
import { endSessionRoute, revocationsRoute } from '../../revocations/routes/revocations.ts'
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
const named = delivery.extend({
  scope: scope.optional(),
  id: z.string().nullable().optional(),
  /** Of a subject: whether the id that was given is their id, name or address. */
  found_by: z.enum(['id', 'name', 'email']).optional(),
})
/** For `others`, to a caller without cookies: the new session's. */
const withTokens = named.extend({
  access: z.string().optional(),
  refresh: z.string().optional(),
  token: z.string().optional(),
})
/** Of a preview: what would end. */
const preview = z.object({
  preview: z.literal(true),
  scope,
  id: z.string().nullable(),
  found_by: z.enum(['id', 'name', 'email']).optional(),
  sessions: z.int(),
  users: z.int(),
})
const ended = revoking({ description: 'Ended.', content: json(named) })
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
        200: { description: 'One page.', content: json(page), headers: foundBy },
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
      '`revoke` end everything. `others` keeps the caller logged in, in a new session. A subject ' +
      'is named by id or by name, and the answer says which; whom or what nobody knows is a 404.',
    tag,
    security: byAnybody,
    parameters: [
      {
        in: 'query',
        name: 'preview',
        description: 'End nothing, and say how many sessions of how many users would end.',
        schema: z.boolean(),
      },
    ],
    body: [json(z.object({ scope, id: z.string().optional() }))],
    answers: takingFields(
      toAdministrators({
        200: revoking({
          description: 'Ended; or, of a preview, what would end.',
          content: json(z.union([withTokens, preview])),
          headers: { 'Set-Cookie': 'For `others`: the token cookies of the new session.' },
        }),
      }),
    ),
  }),
]
