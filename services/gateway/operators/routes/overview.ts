import { type AuditorDeps, requireAuditor } from '../../audit/index.ts'
import type { Handler } from '../../http/index.ts'
import { type OverviewDeps, overviewBody, overviewOf } from '../index.ts'

export type OverviewRouteDeps = AuditorDeps & OverviewDeps

/** `GET /overview` */
export const overviewRoute: Handler<OverviewRouteDeps> = (deps) => async (ctx) => {
  await requireAuditor(deps, ctx)
  ctx.body = overviewBody(await overviewOf(deps))
}
