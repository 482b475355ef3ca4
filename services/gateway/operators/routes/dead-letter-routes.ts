import type { Context } from 'koa'
import { z } from 'zod'
import { noFilter } from '../../../../shared/events/audit-terms.ts'
import { component, json } from '../../../../shared/http/route-doc.ts'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import { requireSteppedUpPerson } from '../../accounts/index.ts'
import { requireAuditor } from '../../audit/index.ts'
import {
  answering,
  badParameters,
  byAnybody,
  byPerson,
  changing,
  cursorOf,
  fieldProblem,
  forAuditors,
  type GatewayRoute,
  get,
  given,
  type Handler,
  inQuery,
  limitOf,
  notFound,
  post,
  toAdministrators,
} from '../../http/index.ts'
import {
  deadLetterBody,
  deadLetters,
  type LetterState,
  letterOffsetIn,
  letterStates,
  type SettleDeps,
  type Settlement,
  settledLetterAt,
  settleLetter,
  settlements,
} from '../index.ts'
import type { SearchRouteDeps } from './search-sessions.ts'

export type DeadLetterRouteDeps = SearchRouteDeps & SettleDeps
type Route = Handler<DeadLetterRouteDeps>

const offsetOf = (ctx: Context): number | null =>
  letterOffsetIn((ctx['params'] as { offset: string }).offset)

/** What somebody else wrote may tell of persons, so the reading is told. */
const tell = (deps: DeadLetterRouteDeps, rows: number): Promise<void> => {
  const told = { ...noFilter, since: null, until: null, kind: 'question:dead-letters' }
  return deps.audit.readings.tellAnswer(deps, told, rows)
}

const stateOf = (ctx: Context): LetterState | null => {
  const text = given(ctx, 'state')
  const state = letterStates.find((one) => one === text)
  if (text === null || state) return state ?? null
  throw fieldProblem('state', `Must be one of ${letterStates.join(', ')}.`)
}

/** `GET /dead-letters`: the newest first, each with the beginning of its record. */
const deadLettersRoute: Route = (deps) => async (ctx) => {
  await requireAuditor(deps, ctx)
  const asked = { before: cursorOf(ctx, letterOffsetIn), limit: limitOf(ctx), state: stateOf(ctx) }
  const { letters, next } = await deadLetters(deps, asked)
  await tell(deps, letters.length)
  ctx.body = {
    letters: letters.map((letter) => deadLetterBody(letter, false)),
    next: next === null ? null : String(next),
  }
}

/** `GET /dead-letters/{offset}`: one of them, as much of it as is kept. */
const deadLetterRoute: Route = (deps) => async (ctx) => {
  await requireAuditor(deps, ctx)
  const offset = offsetOf(ctx)
  const letter = offset === null ? null : await settledLetterAt(deps, offset)
  if (letter === null) throw new AuthError('NOT_FOUND', 'There is no dead letter at this offset.')
  await tell(deps, 1)
  ctx.body = deadLetterBody(letter, true)
}

/** `POST /dead-letters/{offset}/retry` and `/drop`: a person, who is answerable. */
const settleRoute =
  (how: Settlement): Route =>
  (deps) =>
  async (ctx) => {
    await requireSteppedUpPerson(deps, ctx)
    const offset = offsetOf(ctx)
    if (offset === null) throw new AuthError('NOT_FOUND', 'There is no dead letter at this offset.')
    await settleLetter(deps, { offset, how })
    ctx.status = 204
  }

const text = z.string().nullable()
const shape = z.object({
  offset: z.int(),
  lay_at: z.string().meta({ description: 'Topic, partition and offset, with slashes.' }),
  problem: text.meta({ description: 'Why it could not be used.' }),
  settled: z
    .enum(settlements)
    .nullable()
    .meta({ description: 'What was done about it; `null`: it is open.' }),
  bytes: z.int().nullable().meta({ description: 'How long it was.' }),
  ...{ type: text, time: text, headers: z.record(z.string(), z.string()) },
  value: z.string().meta({ description: 'In base64: in a list its first 768 bytes.' }),
})
const letter = component('DeadLetter', shape)
export type DeadLetterBody = z.infer<typeof shape>
const listed = z.object({ letters: z.array(letter), next: text })
export type DeadLettersBody = z.infer<typeof listed>

const tag = 'Operators'
const description = `${forAuditors} Each answer becomes an event, \`AuditRead\`.`

const settling = (summary: string, done: string) =>
  ({
    summary,
    description:
      'For administrators who gave their password at most five minutes ago (`POST /step-up`). ' +
      `The letter stays in the log. ${done} The event \`DeadLetterSettled\` tells of it.`,
    ...{ tag, security: byPerson },
    parameters: [{ in: 'path', name: 'offset', description: 'Which one.', schema: z.string() }],
    answers: changing(
      toAdministrators({
        204: { description: 'Done.' },
        404: notFound,
        409: {
          ...notFound,
          description:
            '`dead_letter_settled`: somebody dealt with it. `dead_letter_unusable`: nothing was ' +
            'published, and why.',
        },
      }),
    ),
  }) as const

/** Records that nobody could use. */
export const deadLetterRoutes: readonly GatewayRoute<DeadLetterRouteDeps>[] = [
  get('/dead-letters', deadLettersRoute, {
    summary: 'Records that were parked since nobody could use them, the newest first',
    ...{ description, tag, security: byAnybody },
    parameters: [
      inQuery('limit', 'Records a page; 100 without it.', z.int().min(1).max(1_000)),
      inQuery('after', '`next` of the page before.'),
      inQuery('state', 'Those that nobody dealt with, or the others.', z.enum(letterStates)),
    ],
    answers: answering(
      toAdministrators({
        200: {
          description: 'One page.',
          content: json(listed),
        },
        400: badParameters,
      }),
    ),
  }),
  get('/dead-letters/:offset', deadLetterRoute, {
    summary: 'One parked record, as much of it as is kept',
    ...{ description, tag, security: byAnybody },
    parameters: [{ in: 'path', name: 'offset', description: 'Which one.', schema: z.string() }],
    answers: answering(
      toAdministrators({ 200: { description: 'The record.', content: json(letter) } }),
    ),
  }),
  post(
    '/dead-letters/:offset/retry',
    settleRoute('retried'),
    settling(
      'Publish a parked record again, which can be used by now',
      'The record is read where it lay in `auth.events`; what this fleet did not sign, or what ' +
        'this version cannot read, is refused. Mend what parked it first, else it is parked ' +
        'anew. No receiver is told of the copy.',
    ),
  ),
  post(
    '/dead-letters/:offset/drop',
    settleRoute('dropped'),
    settling('Say that nobody needs a parked record', 'It is not open any more.'),
  ),
]
