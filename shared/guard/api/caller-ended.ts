import { AuthError, type AuthErrorCode } from '../../kernel/errors.ts'
import type { RevocationKey } from '../../kernel/ids.ts'

/**
 * What ended a caller: a revocation of its token, session, subject, client or everyone; its `exp`;
 * the gateway, which a stale guard asked; a guard that could not tell any more (`stale`), or that
 * was closed.
 */
export type EndedBy =
  | 'token'
  | 'session'
  | 'subject'
  | 'client'
  | 'all'
  | 'expired'
  | 'inactive'
  | 'stale'
  | 'closed'

const told = {
  token: ['TOKEN_REVOKED', 'the token was revoked'],
  session: ['TOKEN_REVOKED', 'the session ended'],
  subject: ['TOKEN_REVOKED', 'all sessions of the user ended'],
  client: ['TOKEN_REVOKED', 'all sessions of the client ended'],
  all: ['TOKEN_REVOKED', 'all sessions ended'],
  expired: ['TOKEN_EXPIRED', 'the token expired'],
  inactive: ['TOKEN_REVOKED', 'the gateway says that the token is not active'],
  stale: ['GUARD_STALE', 'whether the token is revoked cannot be told now'],
  closed: ['GUARD_STALE', 'the guard was closed'],
} as const satisfies Record<EndedBy, readonly [AuthErrorCode, string]>

/** Why a caller is none any more; `signal.reason`, and what `guard.onEnded` calls back with. */
export class CallerEnded extends AuthError<(typeof told)[EndedBy][0]> {
  readonly by: EndedBy
  constructor(by: EndedBy) {
    const [code, message] = told[by]
    super(code, message)
    this.by = by
  }
}

const byKind: Readonly<Record<string, EndedBy>> = {
  jti: 'token',
  sid: 'session',
  sub: 'subject',
  client: 'client',
  all: 'all',
}

/** The end that a revocation of this key is. */
export const endedBy = (key: RevocationKey): EndedBy => byKind[key.split(':', 1)[0] ?? ''] ?? 'all'
