import type { Context } from 'koa'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { publicDetailOf, Refusal, statusOfCode } from './answer-error.ts'

type Route = (ctx: Context) => Promise<void>

const oauthCodeOf = (status: number): string | null =>
  status === 503 ? 'temporarily_unavailable' : status < 500 ? 'invalid_request' : null

type OAuthError = Readonly<{ status: number; error: string; description: string }>

/** A 400 that names a field, as Django does, becomes `invalid_request` with a description. */
const fromRefusal = ({ status, body }: Refusal): OAuthError | null => {
  if (status !== 400 || 'error' in body) return null
  const [[name, messages] = ['', '']] = Object.entries(body)
  return { status, error: 'invalid_request', description: `${name}: ${String(messages)}` }
}

const fromAuthError = (thrown: AuthError): OAuthError | null => {
  const status = statusOfCode(thrown.code) ?? 500
  const error = oauthCodeOf(status)
  return error === null ? null : { status, error, description: publicDetailOf(thrown) }
}

const oauthErrorOf = (thrown: unknown): OAuthError | null => {
  if (thrown instanceof Refusal) return fromRefusal(thrown)
  return thrown instanceof AuthError ? fromAuthError(thrown) : null
}

// RFC 6749, 5.2: no quotes, no backslashes, nothing beyond ASCII.
const notAllowedInText = /[^\x20-\x7e]|["\\]/g

/**
 * A route whose failures have the form of OAuth 2.0 (RFC 6749, 5.2): `{"error": …,
 * "error_description": …}`. A 503 means that nothing was acknowledged, and has `Retry-After` (RFC
 * 7009, 2.2.1).
 */
export const withOAuthErrors =
  (route: Route): Route =>
  async (ctx) => {
    try {
      await route(ctx)
    } catch (thrown) {
      const oauthError = oauthErrorOf(thrown)
      if (!oauthError) throw thrown
      const { status, error, description } = oauthError
      if (status === 503) ctx.set('Retry-After', retryAfter(thrown))
      const visible = description.replace(notAllowedInText, '?').slice(0, 200)
      throw new Refusal(status, { error, error_description: visible })
    }
  }

const retryAfter = (thrown: unknown): string => {
  const ms = thrown instanceof AuthError ? (thrown.retryAfterMs ?? 1_000) : 1_000
  return String(Math.max(1, Math.ceil(ms / 1000)))
}

/** A parameter that must be present and not empty. @throws Refusal 400 `invalid_request` */
export const requiredParameter = (form: ReadonlyMap<string, string>, name: string): string => {
  const value = form.get(name) ?? ''
  if (value !== '') return value
  throw new Refusal(400, { error: 'invalid_request', error_description: `${name} is missing` })
}
