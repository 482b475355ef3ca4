import type { Middleware } from 'koa'
import { headerReader, setJudgedHeaders } from './node-headers.ts'
import {
  type Caller,
  type CheckingGuard,
  type GuardHttpOptions,
  requestJudge,
} from './request-judge.ts'

/** `ctx.state.caller` behind `guardKoa`. */
export type { Caller } from './request-judge.ts'
export type GuardKoaOptions = GuardHttpOptions

/**
 * Koa middleware: behind it, `ctx.state.caller` is the caller; others were answered 401
 * (Simple-JWT's bodies), 400 (the cookie came twice, the position is none) or 503 with
 * `Retry-After`. The header comes before the cookie. `Curfew-Staleness` says how old the guard's
 * knowledge was at most, in seconds. Cost: that of `guard.check`.
 *
 * @throws TypeError when `realm` or a header type cannot stand in a header.
 * @example
 * const app = new Koa()
 * app.use(guardKoa(guard, { cookieName: '__Host-access' }))
 * router.post('/payments', guardKoa(guard, { onStale: 'deny' }), pay)
 * app.use((ctx) => {
 *   ctx.body = { you: ctx.state['caller'].claims.sub }
 * })
 */
export const guardKoa = (guard: CheckingGuard, options: GuardKoaOptions = {}): Middleware => {
  const judge = requestJudge(guard, options)
  return async (ctx, next) => {
    const { req, res } = ctx
    const judged = await judge.judge(headerReader(req), res)
    // Koa's own way of setting a header takes a microsecond each.
    if (!res.headersSent) setJudgedHeaders(res, judge.vary, judged)
    if (judged.outcome === 'answered') {
      ctx.status = judged.answer.status
      ctx.body = judged.answer.body
      return undefined
    }
    ctx.state['caller'] = judged.caller satisfies Caller
    return next()
  }
}
