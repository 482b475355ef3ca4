import type { Context } from 'koa'
import { ownerOfSubject } from '../../../../shared/events/personal-fields.ts'
import { requireUser } from '../../accounts/index.ts'
import type { Handler } from '../../http/index.ts'
import {
  eventBody,
  findAuditSubject,
  letGoBefore,
  placeText,
  readEvents,
  requireAuditor,
  type WantedPage,
} from '../index.ts'
import type { AuditRouteDeps } from './audit-route-deps.ts'
import { eventQuery } from './event-query.ts'

const answer = async (deps: AuditRouteDeps, ctx: Context, wanted: WantedPage): Promise<void> => {
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
export const eventsRoute: Handler<AuditRouteDeps> = (deps) => async (ctx) => {
  await requireAuditor(deps, ctx)
  const asked = eventQuery(ctx)
  const user = asked.user === null ? null : await findAuditSubject(deps, deps.audit, asked.user)
  await answer(deps, ctx, { ...asked, user })
}

/** `GET /me/events`: what happened to the caller’s own account. */
export const ownEventsRoute: Handler<AuditRouteDeps> = (deps) => async (ctx) => {
  const { claims } = await requireUser(deps, ctx, deps.context.storeClock.now())
  // From where others acted on the account is not shown. Its row of the table names no other
  // parameter of a filter, so none came.
  const own = { ...deps, audit: { ...deps.audit, only: ownerOfSubject(claims.sub) } }
  await answer(own, ctx, { ...eventQuery(ctx), user: claims.sub })
}
