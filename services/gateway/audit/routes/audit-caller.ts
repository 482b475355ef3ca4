import type { Context } from 'koa'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import {
  type CallerDeps,
  mayActForOthers,
  requireCaller,
  type SubjectDeps,
} from '../../accounts/index.ts'
import type { EventDeps } from '../../publication/index.ts'
import type { Auditing } from '../index.ts'

export type AuditRouteDeps = CallerDeps & SubjectDeps & EventDeps & Readonly<{ audit: Auditing }>

/** @throws AuthError FORBIDDEN for whoever is neither auditor nor administrator */
export const requireAuditor = async (deps: AuditRouteDeps, ctx: Context): Promise<void> => {
  const caller = await requireCaller(deps, ctx, deps.context.storeClock.now(), 'audit')
  if (mayActForOthers(caller)) return
  if (caller.kind === 'user' && caller.user.roles.includes(deps.audit.role)) return
  throw new AuthError('FORBIDDEN', 'You do not have permission to perform this action.')
}
