import type { IncomingMessage, ServerResponse } from 'node:http'
import { guardHttp } from './http.ts'
import type { CheckingGuard, GuardHttpOptions } from './request-judge.ts'

export { callerOf } from './caller-of.ts'
export type { Caller, GuardHttpOptions } from './request-judge.ts'

/** A `RequestHandler` of Express 4 and 5, in Node's own types. */
export type ExpressGuard = (
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => void

/**
 * Express middleware: behind it `callerOf(req)` is the caller; others
 * were answered as by `guardKoa`. Cost: that of `guard.check`.
 *
 * @throws TypeError when `realm` or a header type cannot stand in a header.
 * @example
 * const app = express()
 * app.use(guardExpress(guard, { cookieName: '__Host-access' }))
 * app.post('/payments', guardExpress(guard, { onStale: 'deny' }), pay)
 * app.get('/me', (req, res) => res.json({ you: callerOf(req).claims.sub }))
 */
export const guardExpress = (
  guard: CheckingGuard,
  options: GuardHttpOptions = {},
): ExpressGuard => {
  const ask = guardHttp(guard, options)
  return (req, res, next) => {
    ask(req, res).then((caller) => {
      if (caller === null) return
      Object.assign(req, { caller })
      next()
    }, next)
  }
}
