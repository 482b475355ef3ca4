import { noFilter } from '../../../../shared/events/audit-terms.ts'
import { ownerOfSubject } from '../../../../shared/events/personal-fields.ts'
import { isTokenId, sessionId } from '../../../../shared/kernel/ids.ts'
import { requireCaller } from '../../accounts/index.ts'
import { mayAudit, placeOf, placeText } from '../../audit/index.ts'
import { cursorOf, type Handler, limitOf, Refusal } from '../../http/index.ts'
import { lifeOfSession, namesOf, sessionOfId, toldSessionBody } from '../index.ts'
import type { SearchRouteDeps } from './search.ts'

const noSuchSession = (): Refusal =>
  new Refusal(404, { detail: 'No such session.', code: 'not_found' })

/**
 * `GET /sessions/{sid}`: one session and its life. For a user who is no auditor, another user's
 * session does not exist.
 */
export const sessionRoute: Handler<SearchRouteDeps> = (deps) => async (ctx) => {
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
