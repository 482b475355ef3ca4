import type { Context } from 'koa'
import { noFilter } from '../../../../shared/events/audit-terms.ts'
import type { SessionPolicy } from '../../../../shared/session/session-policy.ts'
import type { SubjectDeps } from '../../accounts/index.ts'
import {
  type Auditing,
  type AuditorDeps,
  findNamed,
  placeOf,
  placeText,
  requireAuditor,
  type SettingsClients,
} from '../../audit/index.ts'
import {
  cursorOf,
  fieldProblem,
  given,
  type Handler,
  limitOf,
  orderOf,
  termOf,
  timeOf,
} from '../../http/index.ts'
import type { EventDeps } from '../../publication/index.ts'
import {
  findSessions,
  foundSessionBody,
  namesOf,
  type SessionFilter,
  sessionStates,
} from '../index.ts'

export type SearchRouteDeps = AuditorDeps &
  SubjectDeps &
  SettingsClients &
  EventDeps &
  Readonly<{ audit: Auditing; policy: SessionPolicy }>

const stateOf = (ctx: Context): SessionFilter['state'] => {
  const text = given(ctx, 'state')
  const state = sessionStates.find((one) => one === text)
  if (text === null || state) return state ?? null
  throw fieldProblem('state', `Must be one of ${sessionStates.join(', ')}.`)
}

/** `GET /sessions/search`: sessions of all users; told as a reading. */
export const searchRoute: Handler<SearchRouteDeps> = (deps) => async (ctx) => {
  await requireAuditor(deps, ctx)
  const [givenClient, address, agent] = [
    termOf(ctx, 'client'),
    termOf(ctx, 'address'),
    given(ctx, 'agent'),
  ]
  const { since, until } = timeOf(ctx)
  const asked = {
    since,
    until,
    order: orderOf(ctx),
    after: cursorOf(ctx, placeOf),
    limit: limitOf(ctx),
  }
  const state = stateOf(ctx)
  const named = { user: given(ctx, 'user'), client: givenClient, actor: null }
  const { user, client } = await findNamed(deps, deps.audit, named)
  const filter = { user, client, address, agent, state }
  const { sessions, next } = await findSessions(deps, filter, asked)
  const told = { ...noFilter, user, client, address, since, until, kind: 'question:sessions' }
  await deps.audit.readings.tellAnswer(deps, told, sessions.length)
  const names = await namesOf(deps, sessions)
  ctx.body = {
    sessions: sessions.map((session) => foundSessionBody(session, names)),
    next: next && placeText(next),
  }
}
