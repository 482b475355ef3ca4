import { z } from 'zod'
import { noFilter } from '../../../../shared/events/audit-terms.ts'
import { component, json } from '../../../../shared/http/route-doc.ts'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import type { EventLog } from '../../../../shared/ports/event-log.ts'
import { requireAuditor } from '../../audit/index.ts'
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
  toAdministrators,
} from '../../http/index.ts'
import { deadLetterAt, deadLetterBody, deadLetters } from '../index.ts'
import type { SearchRouteDeps } from './search-sessions.ts'

export type DeadLetterRouteDeps = SearchRouteDeps &
  Readonly<{ operators: Readonly<{ log: Pick<EventLog, 'bounds' | 'recordAt'> }> }>
type Route = Handler<DeadLetterRouteDeps>

const offsetIn = (text: string): number | null => (/^\d{1,15}$/.test(text) ? Number(text) : null)

/** What somebody else wrote may tell of persons, so the reading is told. */
const tell = (deps: DeadLetterRouteDeps, rows: number): Promise<void> => {
  const told = { ...noFilter, since: null, until: null, kind: 'question:dead-letters' }
  return deps.audit.readings.tellAnswer(deps, told, rows)
}

/** `GET /dead-letters`: the newest first, each with the beginning of its record. */
const deadLettersRoute: Route = (deps) => async (ctx) => {
  await requireAuditor(deps, ctx)
  const asked = { before: cursorOf(ctx, offsetIn), limit: limitOf(ctx) }
  const { letters, next } = await deadLetters(deps.operators.log, asked)
  await tell(deps, letters.length)
  ctx.body = {
    letters: letters.map((letter) => deadLetterBody(letter, false)),
    next: next === null ? null : String(next),
  }
}

/** `GET /dead-letters/{offset}`: one of them, as much of it as is kept. */
const deadLetterRoute: Route = (deps) => async (ctx) => {
  await requireAuditor(deps, ctx)
  const offset = offsetIn((ctx['params'] as { offset: string }).offset)
  const letter = offset === null ? null : await deadLetterAt(deps.operators.log, offset)
  if (letter === null) throw new AuthError('NOT_FOUND', 'There is no dead letter at this offset.')
  await tell(deps, 1)
  ctx.body = deadLetterBody(letter, true)
}

const text = z.string().nullable()
const shape = z.object({
  offset: z.int(),
  lay_at: z.string().meta({ description: 'Topic, partition and offset, with slashes.' }),
  problem: text.meta({ description: 'Why it could not be used.' }),
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

/** Records that nobody could use. */
export const deadLetterRoutes: readonly GatewayRoute<DeadLetterRouteDeps>[] = [
  get('/dead-letters', deadLettersRoute, {
    summary: 'Records that were parked since nobody could use them, the newest first',
    ...{ description, tag, security: byAnybody },
    parameters: [
      inQuery('limit', 'Records a page; 100 without it.', z.int().min(1).max(1_000)),
      inQuery('after', '`next` of the page before.'),
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
]
