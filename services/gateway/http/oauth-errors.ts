import type { Context } from 'koa'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { publicDetailOf, Refusal, statusOfCode } from './errors.ts'

type Route = (ctx: Context) => Promise<void>

const errorOf = (status: number): string | null =>
  status === 503 ? 'temporarily_unavailable' : status < 500 ? 'invalid_request' : null

type OAuthError = Readonly<{ status: number; error: string; description: string }>

/** A body that cannot be read names its field in Django's way; OAuth has one word for all. */
const ofRefusal = ({ status, body }: Refusal): OAuthError | null => {
  if (status !== 400 || 'error' in body) return null
  const [[name, messages] = ['', '']] = Object.entries(body)
  return { status, error: 'invalid_request', description: `${name}: ${String(messages)}` }
}

const ofAuthError = (thrown: AuthError): OAuthError | null => {
  const status = statusOfCode(thrown.code) ?? 500
  const error = errorOf(status)
  return error === null ? null : { status, error, description: publicDetailOf(thrown) }
}

const inWords = (thrown: unknown): OAuthError | null => {
  if (thrown instanceof Refusal) return ofRefusal(thrown)
  return thrown instanceof AuthError ? ofAuthError(thrown) : null
}

// RFC 6749, 5.2: no quotes, no backslashes, nothing beyond ASCII.
const unshown = /[^\x20-\x7e]|["\\]/g

/**
 * Failures as OAuth 2.0 words them (RFC 6749, 5.2): `{"error": …, "error_description": …}`. A 503
 * says that nothing was acknowledged, and when to come again (RFC 7009, 2.2.1).
 */
export const inOAuthWords =
  (route: Route): Route =>
  async (ctx) => {
    try {
      await route(ctx)
    } catch (thrown) {
      const words = inWords(thrown)
      if (!words) throw thrown
      const { status, error, description } = words
      if (status === 503) ctx.set('Retry-After', retryAfter(thrown))
      const shown = description.replace(unshown, '?').slice(0, 200)
      throw new Refusal(status, { error, error_description: shown })
    }
  }

const retryAfter = (thrown: unknown): string => {
  const ms = thrown instanceof AuthError ? (thrown.retryAfterMs ?? 1_000) : 1_000
  return String(Math.max(1, Math.ceil(ms / 1000)))
}

/** A parameter that must be there and not empty. @throws Refusal 400 `invalid_request` */
export const requiredParameter = (form: ReadonlyMap<string, string>, name: string): string => {
  const value = form.get(name) ?? ''
  if (value !== '') return value
  throw new Refusal(400, { error: 'invalid_request', error_description: `${name} is missing` })
}
