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

/** Administrators, services with the permission, and users of the role. */
export const mayAudit = ({ audit }: Pick<AuditorDeps, 'audit'>, caller: Caller): boolean =>
  mayActForOthers(caller) || (caller.kind === 'user' && caller.user.roles.includes(audit.role))

/** @throws AuthError FORBIDDEN for whoever is neither auditor nor administrator */
export const requireAuditor = async (deps: AuditorDeps, ctx: Context): Promise<Caller> => {
  const caller = await requireCaller(deps, ctx, deps.context.storeClock.now(), 'audit')
  if (!mayAudit(deps, caller)) throw forbidden()
  return caller
}
