import type { Context } from 'koa'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { login } from '../login.ts'
import { type RefreshResult, refresh } from '../refresh.ts'
import type { TokenPair } from '../token-desk.ts'
import { readJsonObject, textFields } from './body.ts'
import { presentedRefresh } from './presented-refresh.ts'
import { requestOrigin } from './request-origin.ts'
import type { RouteParts } from './route-parts.ts'

/**
 * Logs in with the body's `username` and `password`, whichever mode answers.
 * @throws AuthError CREDENTIALS_INVALID, RATE_LIMITED, and what reading the body throws.
 */
export const presentCredentials = async (
  parts: RouteParts,
  ctx: Context,
  arrival: EpochMs,
): Promise<TokenPair> => {
  const body = await readJsonObject(ctx)
  const { username, password } = textFields(body, 'username', 'password')
  const origin = requestOrigin(ctx, parts.proxyHops)
  const result = await login(parts, { username: username.trim(), password, origin, arrival })
  if (result.outcome === 'opened') return result.tokens
  if (result.outcome === 'refused') throw new AuthError('CREDENTIALS_INVALID', 'refused')
  const seconds = Math.ceil(result.retryAfterMs / 1000)
  const message = `Request was throttled. Expected available in ${seconds} seconds.`
  throw new AuthError('RATE_LIMITED', message, { retryAfterMs: result.retryAfterMs })
}

type Refreshed = Extract<RefreshResult, { outcome: 'refreshed' }>

/**
 * Refreshes by a token, whichever mode it came in. `onDead` is called before the refusal of a
 * session that is really dead, and never for the loser of a race.
 * @throws AuthError TOKEN_*; TOKEN_SUPERSEDED within the grace once the successor was used.
 */
export const presentRefresh = async (
  parts: RouteParts,
  ctx: Context,
  token: string | null,
  { arrival, onDead }: Readonly<{ arrival: EpochMs; onDead: () => void }>,
): Promise<Refreshed> => {
  const claims = presentedRefresh(parts.tokens, token, arrival)
  const origin = requestOrigin(ctx, parts.proxyHops)
  const result = await refresh(parts, { claims, origin, arrival })
  switch (result.outcome) {
    case 'refreshed':
      return result
    case 'superseded':
      throw new AuthError('TOKEN_SUPERSEDED', 'superseded')
    case 'reused':
      onDead()
      throw new AuthError('TOKEN_REUSED', 'reused')
    case 'refused':
      if (result.sessionDead) onDead()
      throw new AuthError('TOKEN_REVOKED', 'refused')
  }
}
