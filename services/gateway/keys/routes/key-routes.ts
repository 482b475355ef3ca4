import { z } from 'zod'
import { component, json, refusalSchema } from '../../../../shared/http/route-doc.ts'
import {
  answering,
  badParameters,
  changing,
  type GatewayRoute,
  get,
  post,
  toAdministrators,
} from '../../http/index.ts'
import { type RingName, rings } from '../index.ts'
import { type KeyRouteDeps, keysRoute, rotateRoute } from './keys.ts'

const tag = 'Operators'
const byPerson = [['accessCookie'], ['bearer']] as const
const ring = z.object({
  ring: z.enum(Object.keys(rings) as RingName[]),
  keys: z.array(
    z.object({
      kid: z.string(),
      alg: z.string(),
      status: z.enum(['next', 'active', 'retired']),
      until: z.iso
        .datetime()
        .nullable()
        .meta({ description: 'Until when a retired key is accepted; null: it does not end.' }),
    }),
  ),
})
const shown = component('KeyRing', ring)
const listed = z.object({ rings: z.array(shown) })
export type KeysBody = z.infer<typeof listed>
const rotated = ring.extend({ detail: z.string() })
export type RotatedBody = z.infer<typeof rotated>

/** The rings of the key folder. */
export const keyRoutes: readonly GatewayRoute<KeyRouteDeps>[] = [
  get('/keys', keysRoute, {
    summary: 'Rings of keys, and what each key does; never a secret',
    description:
      'For the role of CURFEW_AUDIT_ROLE, administrators, and service clients with the ' +
      'permission `audit`. Of the key folder of the gateway that answers.',
    tag,
    security: [...byPerson, ['serviceClient']],
    answers: answering(
      toAdministrators({
        200: { description: 'All of them.', content: json(listed) },
      }),
    ),
  }),
  post('/keys/:ring/rotate', rotateRoute, {
    summary: 'Let the next key of a ring sign; the old one stays as long as it is needed',
    description:
      'For administrators who gave their password at most five minutes ago (`POST /step-up`). A ' +
      'next key must have been shown for five minutes; until then it is a 400, ' +
      '`key_not_shown_yet`, which says how long. All gateways that share the folder ' +
      'take it within seconds.',
    tag,
    security: byPerson,
    parameters: [{ in: 'path', name: 'ring', description: 'Which one.', schema: z.string() }],
    answers: changing(
      toAdministrators({
        200: {
          description: 'What was done.',
          content: json(rotated),
        },
        400: badParameters,
        501: {
          description: '`keys_read_only`: this gateway cannot write the files; nothing changed.',
          content: json(refusalSchema),
        },
      }),
    ),
  }),
]
