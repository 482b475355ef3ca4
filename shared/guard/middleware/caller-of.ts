import type { Caller } from './request-judge.ts'

/**
 * The caller that a guard left on the request.
 *
 * @throws TypeError when no guard stands before this route: a mistake of the service, to be met
 *   by its first request and not by an attacker.
 */
export const callerOf = (request: object): Caller => {
  const { caller } = request as { caller?: Caller }
  if (caller === undefined) throw new TypeError('no guard stands before this route')
  return caller
}
