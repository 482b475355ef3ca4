import type { Context } from 'koa'
import {
  type CallerDeps,
  findSubject,
  forbidden,
  requireCaller,
  type SubjectDeps,
} from '../../accounts/index.ts'
import { requireAuditor } from '../../audit/index.ts'
import { type Handler, readBodyThenCaller, readJsonObject } from '../../http/index.ts'
import type { EventDeps } from '../../publication/index.ts'
import { holdBody, holdsInForce, placeHold, releaseHold } from '../index.ts'
import { holdFields, parsedFields, releaseFields, scopeOf } from './asked-hold.ts'

export type HoldRouteDeps = CallerDeps &
  SubjectDeps &
  EventDeps &
  Readonly<{ audit: Readonly<{ role: string }> }>

/** A person, who is answerable: no service holds or releases. */
const requirePerson = async (deps: HoldRouteDeps, ctx: Context): Promise<void> => {
  const caller = await requireCaller(deps, ctx, deps.context.storeClock.now(), 'audit')
  if (caller.kind === 'user' && caller.isAdministrator) return
  throw forbidden()
}

/** `GET /audit/holds` */
export const holdsRoute: Handler<HoldRouteDeps> = (deps) => async (ctx) => {
  await requireAuditor(deps, ctx)
  ctx.body = { holds: (await holdsInForce(deps)).map(holdBody) }
}

/** `POST /audit/holds` `{reason, user?, session?, client?, since?, until?, everything?}` */
export const placeHoldRoute: Handler<HoldRouteDeps> = (deps) => async (ctx) => {
  const [, body] = await readBodyThenCaller(readJsonObject(ctx), () => requirePerson(deps, ctx))
  const fields = parsedFields(holdFields, body)
  const scope = scopeOf(fields)
  const user = scope.user === null ? null : (await findSubject(deps, scope.user)).sub
  ctx.status = 201
  ctx.body = holdBody(await placeHold(deps, { scope: { ...scope, user }, reason: fields.reason }))
}

/** `POST /audit/holds/{id}/release` `{reason}` */
export const releaseHoldRoute: Handler<HoldRouteDeps> = (deps) => async (ctx) => {
  const [, body] = await readBodyThenCaller(readJsonObject(ctx), () => requirePerson(deps, ctx))
  const { reason } = parsedFields(releaseFields, body)
  const { id } = ctx['params'] as { id: string }
  await releaseHold(deps, { id, reason })
  ctx.status = 204
}
