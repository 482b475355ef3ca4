import type { Context } from 'koa'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { AccessClaims } from '../../../shared/tokens/claims.ts'
import { authenticate } from '../authenticate.ts'
import type { GatewayParts } from '../parts.ts'
import type { CookieJar } from './cookies.ts'
import { headerRefusal } from './errors.ts'

export type CallerParts = Pick<GatewayParts, 'tokens' | 'store'> & Readonly<{ cookies: CookieJar }>

/** Called with the claims of a token whose session is dead, before the refusal is answered. */
type OnRevoked = (claims: AccessClaims, sessionDead: boolean) => Promise<void>

// Simple-JWT: another scheme counts as no credentials; `Bearer` without exactly one value is an
// error of form.
const bearerOf = (header: string): string | null => {
  const [scheme, ...values] = header.trim().split(/ +/)
  if (scheme !== 'Bearer') return null
  if (values.length !== 1) throw new AuthError('HEADER_INVALID', 'malformed header')
  return values[0] ?? null
}

/**
 * Who sent this request. The access cookie is lifted into `Authorization: Bearer` first; a request
 * that has the header itself keeps its own.
 * @throws AuthError NOT_AUTHENTICATED, HEADER_INVALID; Refusal 401 naming what is wrong with the
 * token.
 */
export const callerOf = async (
  { cookies, ...parts }: CallerParts,
  ctx: Context,
  now: EpochMs,
  onRevoked: OnRevoked = async () => {},
): Promise<AccessClaims> => {
  const lifted = cookies.read(ctx).access
  const own = ctx.get('authorization')
  const header = own !== '' || !lifted ? own : `Bearer ${lifted}`
  const token = bearerOf(header)
  if (token === null) throw new AuthError('NOT_AUTHENTICATED', 'no credentials')
  const result = await authenticate(parts, token, now)
  switch (result.outcome) {
    case 'authenticated':
      return result.claims
    case 'revoked':
      await onRevoked(result.claims, result.sessionDead)
      throw headerRefusal('TOKEN_REVOKED')
    case 'refused':
      throw headerRefusal(codeOf[result.problem])
  }
}

const codeOf = {
  malformed: 'TOKEN_INVALID',
  expired: 'TOKEN_EXPIRED',
  wrong_type: 'TOKEN_WRONG_TYPE',
} as const
