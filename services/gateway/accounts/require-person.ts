import type { Context } from 'koa'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { CallerDeps } from './authenticate-caller.ts'
import { type Caller, forbidden, requireCaller } from './require-caller.ts'
import { requireSteppedUp } from './step-up.ts'

type Person = Extract<Caller, { kind: 'user' }>

type Deps = CallerDeps & Readonly<{ context: Readonly<{ storeClock: { now: () => EpochMs } }> }>

const personAt = async (deps: Deps, ctx: Context, now: EpochMs): Promise<Person> => {
  const caller = await requireCaller(deps, ctx, now, 'audit')
  if (caller.kind === 'user' && caller.isAdministrator) return caller
  throw forbidden()
}

/**
 * An administrator, a person who is answerable: no service does what asks for one.
 * @throws as `requireCaller`.
 */
export const requirePerson = (deps: Deps, ctx: Context): Promise<Person> =>
  personAt(deps, ctx, deps.context.storeClock.now())

/**
 * The same, whose password was given a moment ago.
 * @throws AuthError STEP_UP_REQUIRED and those of `requireCaller`.
 */
export const requireSteppedUpPerson = async (deps: Deps, ctx: Context): Promise<void> => {
  const now = deps.context.storeClock.now()
  requireSteppedUp(deps, ctx, await personAt(deps, ctx, now), now)
}
