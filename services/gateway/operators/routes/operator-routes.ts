import { z } from 'zod'
import { noFilter } from '../../../../shared/events/audit-terms.ts'
import { ownerOfSubject } from '../../../../shared/events/personal-fields.ts'
import { component, json } from '../../../../shared/http/route-doc.ts'
import { isTokenId, sessionId } from '../../../../shared/kernel/ids.ts'
import { requireCaller } from '../../accounts/index.ts'
import {
  type AuditorDeps,
  mayAudit,
  placeOf,
  placeText,
  requireAuditor,
} from '../../audit/index.ts'
import {
  answering,
  badParameters,
  byAnybody,
  cursorOf,
  forAuditors,
  type GatewayRoute,
  get,
  type Handler,
  inQuery,
  limitOf,
  Refusal,
  toAdministrators,
} from '../../http/index.ts'
import {
  lifeOfSession,
  namesOf,
  type OverviewDeps,
  overviewBody,
  overviewOf,
  sessionOfId,
  sessionStates,
  toldSessionBody,
} from '../index.ts'
import type { DeadLetterRouteDeps } from './dead-letter-routes.ts'
import type { ListingRouteDeps } from './listing-routes.ts'
import { type SearchRouteDeps, searchRoute } from './search-sessions.ts'

const noSuchSession = (): Refusal =>
  new Refusal(404, { detail: 'No such session.', code: 'not_found' })

/**
 * `GET /sessions/{sid}`: one session and its life. For a user who is no auditor, another user's
 * session does not exist.
 */
const sessionRoute: Handler<SearchRouteDeps> = (deps) => async (ctx) => {
  const caller = await requireCaller(deps, ctx, deps.context.storeClock.now(), 'audit')
  const page = { after: cursorOf(ctx, placeOf), limit: limitOf(ctx) }
  const { sid: text } = ctx['params'] as { sid: string }
  if (!isTokenId(text)) throw noSuchSession()
  const sid = sessionId(text)
  const session = await sessionOfId(deps, sid)
  const isOwn = caller.kind === 'user' && caller.user.sub === session?.sub
  const audits = mayAudit(deps, caller)
  if (session === null || !(isOwn || audits)) throw noSuchSession()
  // From where others acted on the session is not shown to its user.
  const only = audits ? null : ownerOfSubject(session.sub)
  const life = await lifeOfSession({ ...deps.audit, only }, sid, page)
  const told = { ...noFilter, session: sid, since: null, until: null, kind: 'question:session' }
  await deps.audit.readings.tellAnswer(deps, told, 1 + (life?.events.length ?? 0))
  const names = await namesOf(deps, [session])
  const current = caller.kind === 'user' && caller.claims.sid === sid
  // How guards do is nothing that a user is told.
  const shown = life && { ...life, ...(audits ? {} : { cutoff: null, refusals: [] }) }
  ctx.body = toldSessionBody({ session, names, current, life: shown }, placeText)
}

type OverviewRouteDeps = AuditorDeps & OverviewDeps

/** `GET /overview` */
const overviewRoute: Handler<OverviewRouteDeps> = (deps) => async (ctx) => {
  await requireAuditor(deps, ctx)
  ctx.body = overviewBody(await overviewOf(deps))
}

export type OperatorRouteDeps = OverviewRouteDeps & DeadLetterRouteDeps & ListingRouteDeps

const tag = 'Operators'

const time = z.iso.datetime()
const orders = z.enum(['newest', 'oldest'])
const count = z.int()
const ms = z.number().nullable()
const quantiles = z.object({ count, p50_ms: ms, p99_ms: ms, max_ms: ms })
const lag = z.object({ through: time.nullable(), behind_ms: ms })

const rates = z.object({
  ...{ from: time, to: time },
  seconds: z.array(
    z.object({ at: time, logins: count, failures: count, rotations: count, revocations: count }),
  ),
})
const guard = z.object({
  ...{ name: z.string(), client: z.string(), instance: z.string(), feed: z.string() },
  ...{ ready: z.boolean(), staleness_ms: ms, silent_ms: z.int(), revocations: count },
  refusals: quantiles.nullable(),
  trail: z.string().nullable(),
})
const trail = z.object({
  state: z.enum(['signed', 'unsigned', 'unreachable']),
  head: z.object({ origin: z.string(), size: count, root: z.string() }).nullable(),
  guards: z.object({ consistent: count, disputing: count }),
  cosigned: z.array(z.object({ name: z.string(), at: time, size: count })).meta({
    description: 'Witnesses that signed when they were asked last, when, and of how many entries.',
  }),
})

/** `GET /overview` */
const overviewSchema = component(
  'Overview',
  z.object({
    at: time,
    rates: rates.nullable().meta({
      description:
        'What the whole fleet did, second by second, of the last five minutes; seconds in which ' +
        'nothing happened are absent. `null`: nobody fills the index of events.',
    }),
    refusals: quantiles.meta({
      description:
        'From a revocation to the refusal by it, of all attached guards since each began: upper ' +
        'bounds, null beyond what guards count.',
    }),
    guards: z.array(guard),
    lag: z.object({ auditor: lag, projector: lag }),
    dead_letters: count.nullable().meta({ description: '`null`: the gateway may not look.' }),
    trail: trail.nullable().meta({ description: '`null`: this gateway knows of no trail.' }),
  }),
)

export type OverviewBody = z.infer<typeof overviewSchema>
const session = z.object({
  ...{ sid: z.string(), user: z.string(), username: z.string().nullable() },
  client_id: z.string(),
  ...{ kind: z.enum(['pair', 'sliding']), status: z.enum(sessionStates) },
  started: z.object({
    ...{ at: time, address: z.string().nullable(), agent: z.string().nullable() },
  }),
  last_used_at: time.nullable(),
  expires_at: time,
  ended: z.object({ at: time.nullable(), reason: z.string().nullable() }).nullable(),
  event: z.string().nullable().meta({ description: 'The id of the event of its login.' }),
})
const found = component('FoundSession', session)
export type FoundSessionBody = z.infer<typeof found>

const event = z.object({
  ...{ id: z.string(), time: time.nullable(), type: z.string() },
  actor: z.object({ by: z.string(), id: z.string() }).nullable(),
  request: z.string().nullable(),
  data: z.looseObject({}),
})
const told = component(
  'ToldSession',
  z.object({
    session: session.extend({ current: z.boolean() }),
    life: z
      .object({
        events: z.array(event),
        next: z.string().nullable(),
        cutoff: z.string().nullable().meta({
          description: 'The event that ended it for its user, its client or everyone.',
        }),
        refusals: z
          .array(quantiles.extend({ client: z.string(), instance: z.string(), name: z.string() }))
          .meta({ description: 'What guards measured in the minutes after its end.' }),
      })
      .nullable()
      .meta({ description: '`null`: nobody fills the index of events.' }),
  }),
)
export type ToldSessionBody = z.infer<typeof told>

/** What whoever runs a fleet looks at. */
export const operatorRoutes: readonly GatewayRoute<OperatorRouteDeps>[] = [
  get('/overview', overviewRoute, {
    summary: 'How the fleet is: what happens, how fast guards refuse, and what is late',
    description: `${forAuditors} It names no user, so it is told by no event.`,
    tag,
    security: byAnybody,
    answers: answering(
      toAdministrators({ 200: { description: 'As of now.', content: json(overviewSchema) } }),
    ),
  }),
  get('/sessions/search', searchRoute, {
    summary: 'Sessions of all users, by when they began; all that is given must hold',
    description:
      `${forAuditors} Each answer becomes an event, \`AuditRead\`. A session appears about a ` +
      'second after it began; whether it lives is as of now.',
    tag: 'Sessions',
    security: byAnybody,
    parameters: [
      inQuery('user', 'Of this user, by id or name.'),
      inQuery('client', 'Opened through this client.'),
      inQuery('address', 'Where the login came from.'),
      inQuery('agent', 'A part of the agent of the login, in any case.'),
      inQuery('state', 'Whether it lives.', z.enum(sessionStates)),
      inQuery('since', 'Began at this instant or later, or on this day (UTC).'),
      inQuery('until', 'Began before this instant, or this day.'),
      inQuery('order', 'By when it began; `newest` first without it.', orders),
      inQuery('limit', 'Sessions a page; 100 without it.', z.int().min(1).max(1_000)),
      inQuery('after', '`next` of the page before. A page may be empty and have a `next`.'),
    ],
    answers: answering(
      toAdministrators({
        200: {
          description: 'One page.',
          content: json(z.object({ sessions: z.array(found), next: z.string().nullable() })),
        },
        400: badParameters,
      }),
    ),
  }),
  get('/sessions/:sid', sessionRoute, {
    summary: 'One session, whether it lives, and what happened to it, from first to last',
    description:
      'For its own user, the role of CURFEW_AUDIT_ROLE, administrators, and service clients with ' +
      'the permission `audit`; to other users it does not exist. Each answer becomes an event, ' +
      '`AuditRead`. `cutoff` and `refusals` come with the first page, and not to its user.',
    tag: 'Sessions',
    security: byAnybody,
    parameters: [
      { in: 'path', name: 'sid', description: 'Which one.', schema: z.string() },
      inQuery('limit', 'Events a page; 100 without it.', z.int().min(1).max(1_000)),
      inQuery('after', '`next` of the page before.'),
    ],
    answers: answering(
      toAdministrators({
        200: { description: 'The session.', content: json(told) },
        400: badParameters,
      }),
    ),
  }),
]
