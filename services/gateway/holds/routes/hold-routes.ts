import { z } from 'zod'
import type { HoldScope } from '../../../../shared/fleet/holds/index.ts'
import { component, json } from '../../../../shared/http/route-doc.ts'
import { clientId, type EpochMs, sessionId } from '../../../../shared/kernel/ids.ts'
import { isoInstant, isoInstantExample } from '../../../../shared/kernel/iso-instant.ts'
import {
  type CallerDeps,
  findSubject,
  requirePerson,
  type SubjectDeps,
} from '../../accounts/index.ts'
import {
  type Asking,
  findHeldClient,
  requireAuditor,
  type SettingsClients,
} from '../../audit/index.ts'
import {
  answering,
  byAnybody,
  byPerson,
  fieldProblem,
  fieldsBySchema,
  forAuditors,
  type GatewayRoute,
  get,
  type Handler,
  notFound,
  post,
  readBodyThenCaller,
  readJsonObject,
  takingFields,
  toAdministrators,
} from '../../http/index.ts'
import type { EventDeps } from '../../publication/index.ts'
import { holdBody, holdsInForce, placeHold, releaseHold } from '../index.ts'

/** The longest id or name; see `couldNameUser`. */
const lengthMax = 508
const textOf = (max: number) => {
  const words = `must be a text of 1 to ${max} characters`
  const error = ({ input }: Readonly<{ input?: unknown }>) =>
    input === undefined ? undefined : words
  return z.string({ error }).trim().min(1, { error }).max(max, { error })
}
const idOrName = textOf(lengthMax)
const instantError = { error: `must be ${isoInstantExample}` }
const instant = z.string(instantError).refine((text) => isoInstant(text) !== null, instantError)

export const holdFields = z.strictObject({
  /** Why, for whoever asks later. */
  reason: textOf(256),
  /** Whom it is about, by id or name. */
  user: idOrName.optional(),
  session: idOrName.optional(),
  client: idOrName.optional(),
  /** The hold covers events from this instant on, and before `until`. */
  since: instant.optional(),
  until: instant.optional(),
  /** In place of all of these. */
  everything: z.literal(true, { error: 'must be true, or absent' }).optional(),
})

export const releaseFields = holdFields.pick({ reason: true })

/** @throws Refusal 400 that names the member */
export const parsedFields = <Fields>(
  schema: z.ZodType<Fields>,
  body: ReadonlyMap<string, unknown>,
): Fields => fieldsBySchema(schema, Object.fromEntries(body))

const inField = <Value>(field: string, read: () => Value): Value => {
  try {
    return read()
  } catch (error) {
    throw fieldProblem(field, (error as Error).message)
  }
}

/** `user` is as it was given. @throws Refusal 400 that names the member */
export const scopeOf = (
  fields: z.output<typeof holdFields>,
): Omit<HoldScope, 'user'> & Readonly<{ user: string | null }> => {
  const { user = null, session, client, since, until, everything } = fields
  const at = (text: string | undefined): EpochMs | null =>
    text === undefined ? null : isoInstant(text)
  const scope = {
    user,
    session: session === undefined ? null : inField('session', () => sessionId(session)),
    client: client === undefined ? null : inField('client', () => clientId(client)),
    ...{ since: at(since), until: at(until) },
  }
  const isGiven = Object.values(scope).some((one) => one !== null)
  if (isGiven && everything) throw fieldProblem('everything', 'Goes with nothing else.')
  if (!isGiven && !everything) {
    throw fieldProblem('everything', 'Must be true where nothing else says what is held.')
  }
  if (scope.since !== null && scope.until !== null && scope.since >= scope.until) {
    throw fieldProblem('until', 'Must be after since.')
  }
  return scope
}

export type HoldRouteDeps = CallerDeps &
  SubjectDeps &
  SettingsClients &
  EventDeps &
  Readonly<{ audit: Asking & Readonly<{ role: string }> }>

/** `GET /audit/holds` */
export const holdsRoute: Handler<HoldRouteDeps> = (deps) => async (ctx) => {
  await requireAuditor(deps, ctx)
  ctx.body = { holds: (await holdsInForce(deps)).map(holdBody) }
}

/** `POST /audit/holds` `{reason, user?, session?, client?, since?, until?, everything?}` */
export const placeHoldRoute: Handler<HoldRouteDeps> = (deps) => async (ctx) => {
  const [, body] = await readBodyThenCaller(readJsonObject(ctx), () => requirePerson(deps, ctx))
  const fields = parsedFields(holdFields, body)
  const scope = scopeOf(fields)
  const user = scope.user === null ? null : (await findSubject(deps, scope.user)).sub
  if (scope.client !== null) await findHeldClient(deps, deps.audit, scope.client)
  ctx.status = 201
  ctx.body = holdBody(await placeHold(deps, { scope: { ...scope, user }, reason: fields.reason }))
}

/** `POST /audit/holds/{id}/release` `{reason}` */
export const releaseHoldRoute: Handler<HoldRouteDeps> = (deps) => async (ctx) => {
  const [, body] = await readBodyThenCaller(readJsonObject(ctx), () => requirePerson(deps, ctx))
  const { reason } = parsedFields(releaseFields, body)
  const { id } = ctx['params'] as { id: string }
  await releaseHold(deps, { id, reason })
  ctx.status = 204
}

const tag = 'Audit'
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
    description: forAuditors,
    tag,
    security: byAnybody,
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
