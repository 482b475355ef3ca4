import { z } from 'zod'
import { component, json } from '../../../../shared/http/route-doc.ts'
import {
  answering,
  type GatewayRoute,
  get,
  notFound,
  post,
  takingFields,
  toAdministrators,
} from '../../http/index.ts'
import { holdFields, releaseFields } from './asked-hold.ts'
import { type HoldRouteDeps, holdsRoute, placeHoldRoute, releaseHoldRoute } from './holds.ts'

const tag = 'Audit'
const byPerson = [['accessCookie'], ['bearer']] as const
const text = z.string().nullable()

const hold = component(
  'LegalHold',
  z.object({
    id: z.string(),
    reason: z.string(),
    ...{ user: text, session: text, client: text, since: text, until: text },
    placed_at: z.iso.datetime(),
    placed_by: z.object({ by: z.string(), id: z.string() }).nullable(),
    /** Somebody released it; it is in force until the log was told. */
    is_ending: z.boolean(),
  }),
)

/** What must not be deleted. */
export const holdRoutes: readonly GatewayRoute<HoldRouteDeps>[] = [
  get('/audit/holds', holdsRoute, {
    summary: 'Which legal holds are in force',
    description:
      'For the role of CURFEW_AUDIT_ROLE, administrators, and service clients with the ' +
      'permission `audit`.',
    tag,
    security: [...byPerson, ['serviceClient']],
    answers: answering(
      toAdministrators({
        200: { description: 'All of them.', content: json(z.object({ holds: z.array(hold) })) },
      }),
    ),
  }),
  post('/audit/holds', placeHoldRoute, {
    summary: 'Place a legal hold: nothing that it covers is deleted or erased',
    description:
      'For administrators. All that is given must hold of an event; `everything` covers all. It ' +
      'is in force, and told as the event `HoldPlaced`, when this answers.',
    tag,
    security: byPerson,
    body: [json(holdFields)],
    answers: takingFields(
      toAdministrators({
        201: { description: 'In force.', content: json(hold) },
        404: notFound,
        409: { ...notFound, description: 'There are 200 legal holds already.' },
      }),
    ),
  }),
  post('/audit/holds/:id/release', releaseHoldRoute, {
    summary: 'Release a legal hold',
    description: 'For administrators. It is told as the event `HoldReleased`.',
    tag,
    security: byPerson,
    parameters: [{ in: 'path', name: 'id', description: 'Which one.', schema: z.string() }],
    body: [json(releaseFields)],
    answers: takingFields(toAdministrators({ 204: { description: 'Released.' }, 404: notFound })),
  }),
]
