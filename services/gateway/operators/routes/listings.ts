import type { ShownSetting } from '../../../../shared/kernel/shown-settings.ts'
import type { EventLog } from '../../../../shared/ports/event-log.ts'
import type { Receivers } from '../../../../shared/ports/receivers.ts'
import { type AuditorDeps, requireAuditor } from '../../audit/index.ts'
import type { Handler } from '../../http/index.ts'
import { type KnownClient, receiverBody, receiverStandings } from '../index.ts'

export type ListingRouteDeps = AuditorDeps &
  Readonly<{
    operators: Readonly<{
      clients: readonly KnownClient[]
      settings: readonly ShownSetting[]
      receivers: Receivers
      log: Pick<EventLog, 'partitions' | 'bounds'>
    }>
  }>
type Route = Handler<ListingRouteDeps>

/** `GET /clients` */
export const clientsRoute: Route = (deps) => async (ctx) => {
  await requireAuditor(deps, ctx)
  ctx.body = { clients: deps.operators.clients }
}

/** `GET /settings`: of the gateway that answers. */
export const settingsRoute: Route = (deps) => async (ctx) => {
  await requireAuditor(deps, ctx)
  ctx.body = { settings: deps.operators.settings }
}

/** `GET /receivers` */
export const receiversRoute: Route = (deps) => async (ctx) => {
  await requireAuditor(deps, ctx)
  ctx.body = { receivers: (await receiverStandings(deps)).map(receiverBody) }
}
