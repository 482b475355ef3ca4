import { parseJwt } from '../../../shared/tokens/verification/index.ts'

/** The session that a token says it is of; nothing is believed by that. */
export const claimedSession = (token: string): unknown => {
  const parsed = parseJwt(token)
  return parsed.ok ? parsed.payload['sid'] : null
}
