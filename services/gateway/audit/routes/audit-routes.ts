import { z } from 'zod'
import { eventSchemas } from '../../../../shared/events/event.ts'
import { component, json, type ParameterDoc } from '../../../../shared/http/route-doc.ts'
import {
  answering,
  badParameters,
  type GatewayRoute,
  get,
  notFound,
  toAdministrators,
  toClients,
  unauthenticated,
} from '../../http/index.ts'
import type { AuditRouteDeps as EventRouteDeps } from './audit-route-deps.ts'
import { eventsRoute, ownEventsRoute } from './events.ts'
import { type HeadRouteDeps, headRoute } from './head.ts'

export type AuditRouteDeps = EventRouteDeps & HeadRouteDeps

const tag = 'Audit'
const byPerson = [['accessCookie'], ['bearer']] as const

export const event = component(
  'AuditEvent',
  z.object({
    id: z.string(),
    time: z.iso.datetime().nullable(),
    type: z.string(),
    actor: z.object({ by: z.string(), id: z.string() }).nullable(),
    request: z.string().nullable(),
    data: z.looseObject({}),
  }),
)
const page = component(
  'AuditEventPage',
  z.object({
    events: z.array(event),
    next: z.string().nullable(),
    /** A retention let go of events before this instant, of which some were asked for. */
    let_go_before: z.iso.datetime().nullable(),
  }),
)

const heads = component(
  'TrailHeads',
  z.object({
    lives: z.array(
      z.object({ head: z.string(), first: z.string().nullable(), proof: z.array(z.string()) }),
    ),
    keys: z.array(z.string()),
  }),
)

export const inQuery = (
  name: string,
  description: string,
  schema: z.ZodType = z.string(),
): ParameterDoc => ({
  in: 'query',
  ...{ name, description, schema },
})

const paging = [
  inQuery('kind', 'The type of event, such as LoginFailed.', z.enum(Object.keys(eventSchemas))),
  inQuery('since', 'From this instant on, or from the beginning of this day (UTC).'),
  inQuery('until', 'Before this instant, or this day.'),
  inQuery('order', 'By time: `newest` first, or `oldest`.', z.enum(['newest', 'oldest'])),
  inQuery('limit', 'Events a page; 100 without it.', z.int().min(1).max(1_000)),
  inQuery('after', '`next` of the page before. A page may be empty and have a `next`.'),
]

const answers = { 200: { description: 'One page.', content: json(page) }, 400: badParameters }

/** What happened. */
export const auditRoutes: readonly GatewayRoute<AuditRouteDeps>[] = [
  get('/audit/events', eventsRoute, {
    summary: 'What happened, to whom, by whom and from where; all that is given must hold',
    description:
      'For the role of CURFEW_AUDIT_ROLE, administrators, and service clients with the ' +
      'permission `audit`. Each reading becomes an event, `AuditRead`. Events appear about a ' +
      'second after they happened.',
    tag,
    security: [...byPerson, ['serviceClient']],
    parameters: [
      inQuery('user', 'Whom it concerns, by id or name.'),
      inQuery('session', 'The id of a session.'),
      inQuery('token', 'The id (jti) of a token.'),
      inQuery('client', 'The client through which somebody logged in.'),
      inQuery('actor', 'The id of who did it, where that is not the user concerned.'),
      inQuery('address', 'The address that it came from.'),
      ...paging,
    ],
    answers: answering(toAdministrators({ ...answers, 404: notFound })),
  }),
  get('/audit/head', headRoute, {
    summary: 'The newest signed head of the trail, and that it goes on from one that is known',
    description:
      'What guards compare once a minute. With `origin` and `from`, the size, of a head that the ' +
      'caller keeps, the answer begins with the head of that log and a consistency proof (RFC ' +
      '6962), and goes on with each later life: its head, its first entry, which holds the head ' +
      'before, and an inclusion proof. Without them, or for a log that is not known, it is the ' +
      'newest head alone. At most ten seconds old.',
    tag,
    security: [['serviceClient']],
    parameters: [
      inQuery('origin', 'The first line of the checkpoint that the caller keeps.'),
      inQuery('from', 'The size in it.', z.int().min(0)),
    ],
    answers: toClients({
      200: { description: 'The newest head.', content: json(heads) },
      400: badParameters,
      404: notFound,
      503: { ...notFound, description: 'The trail cannot be read, or its auditor is away.' },
    }),
  }),
  get('/me/events', ownEventsRoute, {
    summary: 'What happened to the caller’s own account',
    tag,
    security: byPerson,
    parameters: paging,
    answers: answering({
      ...answers,
      401: unauthenticated,
      403: toAdministrators({})[403] ?? unauthenticated,
    }),
  }),
]
