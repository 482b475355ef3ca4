import { noFilter } from '../../../../shared/events/audit-terms.ts'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import type { EventLog } from '../../../../shared/ports/event-log.ts'
import { requireAuditor } from '../../audit/index.ts'
import { cursorOf, type Handler, limitOf } from '../../http/index.ts'
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
export const deadLettersRoute: Route = (deps) => async (ctx) => {
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
export const deadLetterRoute: Route = (deps) => async (ctx) => {
  await requireAuditor(deps, ctx)
  const offset = offsetIn((ctx['params'] as { offset: string }).offset)
  const letter = offset === null ? null : await deadLetterAt(deps.operators.log, offset)
  if (letter === null) throw new AuthError('NOT_FOUND', 'There is no dead letter at this offset.')
  await tell(deps, 1)
  ctx.body = deadLetterBody(letter, true)
}
