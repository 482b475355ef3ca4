import { z } from 'zod'
import { json } from '../../../../shared/http/route-doc.ts'
import {
  badParameters,
  changing,
  del,
  type GatewayRoute,
  post,
  revoking,
  takingFields,
  toAdministrators,
} from '../../http/index.ts'
import type { RevocationRouteDeps } from './revocation-target.ts'
import { endSessionRoute, revocationsRoute } from './revocations.ts'

const tag = 'Sessions'
const byAnybody = [['accessCookie'], ['bearer'], ['serviceClient']] as const

const scope = z.enum(['token', 'session', 'subject', 'others', 'client', 'all'])
const delivery = z.object({
  status: z.enum(['acknowledged', 'pending']),
  position: z.string().nullable(),
  receipts: z.array(z.string()).optional(),
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
export type EndedBody = z.infer<typeof named>
export type PreviewBody = z.infer<typeof preview>

const ended = revoking({ description: 'Ended.', content: json(named) })
const inPath = (name: string) =>
  ({ in: 'path', name, description: 'Whose.', schema: z.string() }) as const

/** Routes by which users, administrators and services end sessions and tokens. */
export const revocationRoutes: readonly GatewayRoute<RevocationRouteDeps>[] = [
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
