import type { Context } from 'koa'
import { z } from 'zod'
import { eventSchemas } from '../../../../shared/events/event.ts'
import { ownerOfSubject } from '../../../../shared/events/personal-fields.ts'
import { component, json } from '../../../../shared/http/route-doc.ts'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import type { TrailHeads } from '../../../../shared/ports/trail-heads.ts'
import { parseHeadQuery } from '../../../../shared/trail-heads/head-query.ts'
import { requireUser } from '../../accounts/index.ts'
import {
  answering,
  badParameters,
  byAnybody,
  byPerson,
  fieldProblem,
  forAuditors,
  type GatewayRoute,
  get,
  type Handler,
  type HttpDeps,
  inQuery,
  notFound,
  toAdministrators,
  toClients,
  unauthenticated,
} from '../../http/index.ts'
import {
  eventBody,
  findNamed,
  letGoBefore,
  placeText,
  readEvents,
  requireAuditor,
  type WantedPage,
} from '../index.ts'
import { tailRoute } from './audit-tail-handler.ts'
import type { EventRouteDeps } from './event-query.ts'
import { eventQuery } from './event-query.ts'

const answerPage = async (
  deps: EventRouteDeps,
  ctx: Context,
  wanted: WantedPage,
): Promise<void> => {
  const page = await readEvents(deps.audit, wanted)
  await deps.audit.readings.tell(deps, wanted, page.events)
  const before = await letGoBefore(deps, wanted)
  ctx.body = {
    events: page.events.map(eventBody),
    next: page.next && placeText(page.next),
    let_go_before: before === null ? null : new Date(before).toISOString(),
  }
}

/** `GET /audit/events`: everybody’s, for auditors and administrators. */
const eventsRoute: Handler<EventRouteDeps> = (deps) => async (ctx) => {
  await requireAuditor(deps, ctx)
  const asked = eventQuery(ctx)
  await answerPage(deps, ctx, { ...asked, ...(await findNamed(deps, deps.audit, asked)) })
}

/** `GET /me/events`: what happened to the caller’s own account. */
export const ownEventsRoute: Handler<EventRouteDeps> = (deps) => async (ctx) => {
  const { claims } = await requireUser(deps, ctx, deps.context.storeClock.now())
  // From where others acted on the account is not shown. Its row of the table names no other
  // parameter of a filter, so none came.
  const own = { ...deps, audit: { ...deps.audit, only: ownerOfSubject(claims.sub) } }
  await answerPage(own, ctx, { ...eventQuery(ctx), user: claims.sub })
}

type HeadRouteDeps = Readonly<{
  http: Pick<HttpDeps, 'clients'>
  /** `null` where this gateway knows of no trail. */
  trailHeads: TrailHeads | null
}>

/**
 * `GET /audit/head`: the newest signed head of the trail, and that it goes on from the one that is
 * asked about; for every service client.
 */
const headRoute: Handler<HeadRouteDeps> = (deps) => async (ctx) => {
  deps.http.clients.authenticate(ctx, null)
  const asked = parseHeadQuery(ctx.query)
  if (!asked.ok) throw fieldProblem(asked.field, asked.problem)
  const answer = await deps.trailHeads?.newest(asked.known)
  if (!answer) throw new AuthError('NOT_FOUND', 'There is no signed head (yet).')
  ctx.type = 'application/json'
  ctx.body = answer
}

export type AuditRouteDeps = EventRouteDeps & HeadRouteDeps

const tag = 'Audit'

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
export const eventPageSchema = component(
  'AuditEventPage',
  z.object({
    events: z.array(event),
    next: z.string().nullable(),
    /** A retention let go of events before this instant, of which some were asked for. */
    let_go_before: z.iso.datetime().nullable(),
  }),
)

export type AuditEventBody = z.infer<typeof event>
export type AuditPageBody = z.infer<typeof eventPageSchema>

const heads = component(
  'TrailHeads',
  z.object({
    lives: z.array(
      z.object({ head: z.string(), first: z.string().nullable(), proof: z.array(z.string()) }),
    ),
    keys: z.array(z.string()),
    witnessed: z.string().optional().meta({
      description: 'The head that witnesses cosigned last, with their signatures.',
    }),
  }),
)

const filter = [
  inQuery('user', 'Whom it concerns, by id or name.'),
  inQuery('session', 'The id of a session.'),
  inQuery('token', 'The id (jti) of a token.'),
  inQuery('client', 'The client through which somebody logged in.'),
  inQuery('actor', 'The id of who did it, where that is not the user concerned.'),
  inQuery('address', 'The address that it came from.'),
]
const kindAndTime = [
  inQuery('kind', 'The type of event, such as LoginFailed.', z.enum(Object.keys(eventSchemas))),
  inQuery('since', 'From this instant on, or from the beginning of this day (UTC).'),
  inQuery('until', 'Before this instant, or this day.'),
]
const paging = [
  ...kindAndTime,
  inQuery('order', 'By time: `newest` first, or `oldest`.', z.enum(['newest', 'oldest'])),
  inQuery('limit', 'Events a page; 100 without it.', z.int().min(1).max(1_000)),
  inQuery('after', '`next` of the page before. A page may be empty and have a `next`.'),
]

const answers = {
  200: { description: 'One page.', content: json(eventPageSchema) },
  400: badParameters,
}

/** What happened. */
export const auditRoutes: readonly GatewayRoute<AuditRouteDeps>[] = [
  get('/audit/events', eventsRoute, {
    summary: 'What happened, to whom, by whom and from where; all that is given must hold',
    description:
      `${forAuditors} Each reading becomes an event, \`AuditRead\`. Events appear about a ` +
      'second after they happened.',
    tag,
    security: byAnybody,
    parameters: [...filter, ...paging],
    answers: answering(toAdministrators({ ...answers, 404: notFound })),
  }),
  get('/audit/tail', tailRoute, {
    summary: 'The same events as they come, as server-sent events',
    description:
      'For the same callers. The event `events` has a list of them as `GET /audit/events` shows ' +
      'them, `pulse` says every few seconds that there were none, and `end` says why it ended: ' +
      'the stream ends within a second of the session, the token or the role of its reader. Who ' +
      'comes again with the last id misses nothing. At most 64 readers at one gateway.',
    tag,
    security: byAnybody,
    parameters: [
      ...filter,
      ...kindAndTime,
      inQuery('after', 'The id of the last event, in place of the header.'),
      { in: 'header', name: 'Last-Event-ID', description: 'The same.', schema: z.string() },
    ],
    answers: answering(
      toAdministrators({
        200: {
          description: 'Until it ends.',
          content: { type: 'text/event-stream', schema: z.string() },
        },
        400: badParameters,
        404: notFound,
      }),
    ),
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
