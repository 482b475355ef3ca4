import type { Context, Middleware } from 'koa'
import type { BearerClaims } from '../tokens/claims.ts'
import type { Guard } from './guard.ts'
import {
  answerToCredentials,
  answerToVerdict,
  credentialsOf,
  type HttpAnswer,
} from './http-answer.ts'

/** Who sent the request: `ctx.state.caller` behind `guardKoa`. */
export type Caller = Readonly<{
  claims: BearerClaims
  /** False only under the policy `allow`, when a revocation may be unknown here. */
  fresh: boolean
}>

export type GuardKoaOptions = Readonly<{
  /** `__Host-access` behind https, `access` on a developer's machine. */
  cookieName?: string
  /** `Authorization` without it. */
  headerName?: string
  /** What stands before the token in that header; `Bearer` without it. The first is shown. */
  headerTypes?: readonly string[]
  realm?: string
}>

const answer = (ctx: Context, { status, headers, body }: HttpAnswer): void => {
  ctx.status = status
  ctx.set({ ...headers })
  ctx.body = body
}

/**
 * Koa middleware: behind it, `ctx.state.caller` is the caller; others were answered 401
 * (Simple-JWT's bodies), 400 (the cookie came twice) or 503 with `Retry-After`. The header
 * comes before the cookie. Cost: that of `guard.check`.
 *
 * @throws TypeError when `realm` cannot stand in a header.
 * @example
 * const app = new Koa()
 * app.use(guardKoa(guard, { cookieName: '__Host-access' }))
 * app.use((ctx) => {
 *   ctx.body = { you: ctx.state['caller'].claims.sub }
 * })
 */
export const guardKoa = (
  guard: Pick<Guard, 'check'>,
  {
    cookieName = '__Host-access',
    headerName = 'Authorization',
    headerTypes = ['Bearer'],
    realm = 'api',
  }: GuardKoaOptions = {},
): Middleware => {
  if (!/^[\x20\x21\x23-\x5b\x5d-\x7e]*$/.test(realm)) throw new TypeError('realm is no quoted text')
  const challenge = { realm, scheme: headerTypes[0] ?? 'Bearer' }
  return async (ctx, next) => {
    ctx.vary(headerName)
    ctx.vary('Cookie')
    const shown = { authorization: ctx.get(headerName), cookie: ctx.get('cookie') }
    const credentials = credentialsOf(shown, cookieName, headerTypes)
    if (credentials.kind !== 'token')
      return answer(ctx, answerToCredentials(credentials, challenge))
    const verdict = await guard.check(credentials.token)
    if (verdict.outcome !== 'accepted') return answer(ctx, answerToVerdict(verdict, challenge))
    const { claims, fresh } = verdict
    ctx.state['caller'] = { claims, fresh } satisfies Caller
    return next()
  }
}
