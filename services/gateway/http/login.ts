import type { Context } from 'koa'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { login } from '../login.ts'
import { readJsonObject, textFields } from './body.ts'
import { requestOrigin } from './request-origin.ts'
import type { RouteParts } from './route-parts.ts'

/** `POST /login`: both cookies, no token in the body. */
export const loginRoute =
  (parts: RouteParts) =>
  async (ctx: Context): Promise<void> => {
    const arrival = parts.storeClock.now()
    const body = await readJsonObject(ctx)
    const { username, password } = textFields(body, 'username', 'password')
    const origin = requestOrigin(ctx, parts.proxyHops)
    const result = await login(parts, { username: username.trim(), password, origin, arrival })
    switch (result.outcome) {
      case 'opened':
        parts.cookies.set(ctx, result.tokens, arrival)
        ctx.body = { detail: 'login success' }
        return
      case 'refused':
        throw new AuthError('CREDENTIALS_INVALID', 'refused')
      case 'limited': {
        const seconds = Math.ceil(result.retryAfterMs / 1000)
        const message = `Request was throttled. Expected available in ${seconds} seconds.`
        throw new AuthError('RATE_LIMITED', message, { retryAfterMs: result.retryAfterMs })
      }
    }
  }
