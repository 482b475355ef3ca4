import type { Context } from 'koa'
import {
  type Caller,
  type CallerDeps,
  forbidden,
  mayActForOthers,
  requireCaller,
} from '../accounts/index.ts'
import type { ReadContext } from '../publication/index.ts'

export type AuditorDeps = CallerDeps &
  Readonly<{ context: Pick<ReadContext, 'storeClock'>; audit: Readonly<{ role: string }> }>

/** @throws AuthError FORBIDDEN for whoever is neither auditor nor administrator */
export const requireAuditor = async (deps: AuditorDeps, ctx: Context): Promise<Caller> => {
  const caller = await requireCaller(deps, ctx, deps.context.storeClock.now(), 'audit')
  if (mayActForOthers(caller)) return caller
  if (caller.kind === 'user' && caller.user.roles.includes(deps.audit.role)) return caller
  throw forbidden()
}
