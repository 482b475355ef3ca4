import type { CallerEnded, EndedBy } from '../../../shared/guard/api/caller-ended.ts'
import type { Guard, OnEndedOptions } from '../../../shared/guard/create-guard.ts'
import { signAccess } from '../../../shared/tokens/signing/sign-token.ts'
import { accessClaims, accessRing } from '../fakes/sample-tokens.ts'

export const accepted = async (guard: Guard, over: object = {}) => {
  const token = signAccess(accessRing, accessClaims(over))
  const verdict = await guard.check(token)
  if (verdict.outcome !== 'accepted') throw new Error(`the guard says ${verdict.reason}`)
  return verdict
}

export type Watched = Readonly<{ told: EndedBy[]; stop: () => void }>

/** What is told of one caller, in order. */
export const watched = (
  guard: Guard,
  caller: Parameters<Guard['onEnded']>[0],
  options?: OnEndedOptions,
): Watched => {
  const told: EndedBy[] = []
  const stop = guard.onEnded(caller, ({ by }: CallerEnded) => told.push(by), options)
  return { told, stop }
}
