import type { Context } from 'koa'
import { z } from 'zod'
import { component, json } from '../../../../shared/http/route-doc.ts'
import type { EpochMs } from '../../../../shared/kernel/ids.ts'
import type { GuardRegistry, ReportedSight } from '../../../../shared/ports/guard-registry.ts'
import { headStates } from '../../../../shared/trail-heads/compare-heads.ts'
import { type CallerDeps, requireAdministrator } from '../../accounts/index.ts'
import {
  answering,
  byAnybody,
  fieldsBySchema,
  type GatewayRoute,
  get,
  post,
  readJsonObject,
  takingFields,
  throttled,
  toAdministrators,
  toClients,
} from '../../http/index.ts'
import { type AttachedGuard, attachedGuards, noteGuard, sightBody } from '../index.ts'

type GuardRouteDeps = CallerDeps & Readonly<{ guards: GuardRegistry }>
type Route = (deps: GuardRouteDeps) => (ctx: Context) => Promise<void>

const word = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,64}$/, { error: 'must be 1 to 64 of A-Z a-z 0-9 . _ -' })

/** What a guard reports about itself. */
const reportBody = z.object({
  name: word,
  feed: word,
  ready: z.boolean(),
  /** ms since 1970, as closed times are. */
  closed_time: z.int().min(0).nullable(),
  staleness_ms: z.number().min(0).nullable(),
  revocations: z.int().min(0),
  /** Seconds that revocations took until it refused by them; cumulative, since its start. */
  refusals: z
    .object({
      buckets: z.array(z.object({ le: z.number().min(0), count: z.int().min(0) })).max(32),
      count: z.int().min(0),
    })
    .optional(),
  /** What it saw of the trail when it looked last; `seen_at` is by its own clock. */
  trail: z
    .object({
      state: z.enum([...headStates, 'unreachable']),
      head: z
        .object({
          origin: z.string().min(1).max(512),
          size: z.int().min(0),
          root: z.string().regex(/^[A-Za-z0-9+/]{43}=$/, { error: 'must be a hash in base64' }),
        })
        .nullable(),
      seen_at: z.int().min(0).nullable(),
      /** How long ago `head` became another one; an auditor signs one a minute at least. */
      age_ms: z.number().min(0).nullable().optional(),
    })
    .optional(),
})

type SaidSight = NonNullable<z.infer<typeof reportBody>['trail']>

const sightOf = ({
  state,
  head,
  seen_at: seenAt,
  age_ms: ageMs = null,
}: SaidSight): ReportedSight => ({
  ...{ state, head, ageMs },
  seenAt: seenAt as EpochMs | null,
})

/** `POST /guards/{instance}`: a guard reports every few seconds; 204. */
const reportGuardRoute: Route = (deps) => async (ctx) => {
  const { id: client } = deps.http.clients.authenticate(ctx, null)
  const instance = fieldsBySchema(
    word,
    (ctx['params'] as { instance: string }).instance,
    'instance',
  )
  const given = Object.fromEntries(await readJsonObject(ctx))
  const body = fieldsBySchema(reportBody, given)
  await noteGuard(deps, {
    client,
    instance,
    name: body.name,
    feed: body.feed,
    ready: body.ready,
    closedTime: body.closed_time as EpochMs | null,
    stalenessMs: body.staleness_ms,
    revocations: body.revocations,
    ...(body.refusals && { refusals: body.refusals }),
    ...(body.trail && { trail: sightOf(body.trail) }),
  })
  ctx.status = 204
}

const guardInAnswer = ({ silentMs, stalenessMs, ...guard }: AttachedGuard): object => ({
  name: guard.name,
  client: guard.client,
  instance: guard.instance,
  feed: guard.feed,
  ready: guard.ready,
  closed_time: guard.closedTime,
  // The staleness that it reported, plus the time since the report.
  staleness_ms: stalenessMs === null ? null : stalenessMs + silentMs,
  silent_ms: silentMs,
  revocations: guard.revocations,
  ...(guard.trail && { trail: sightBody(guard.trail, silentMs) }),
})

/**
 * `GET /guards`: which guards are attached and how fresh each is, for administrators and service
 * clients with the permission `revoke`.
 */
const guardsRoute: Route = (deps) => async (ctx) => {
  await requireAdministrator(deps, ctx, deps.context.storeClock.now(), 'revoke')
  ctx.body = { guards: (await attachedGuards(deps)).map(guardInAnswer) }
}

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
    security: byAnybody,
    answers: answering(
      toAdministrators({
        200: { description: 'All of them.', content: json(z.object({ guards: z.array(guard) })) },
      }),
    ),
  }),
]
