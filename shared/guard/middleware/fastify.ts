import type { FastifyReply, FastifyRequest } from 'fastify'
import { headerReader, varyWith } from './node-headers.ts'
import { type CheckingGuard, type GuardHttpOptions, requestJudge } from './request-judge.ts'

export { callerOf } from './caller-of.ts'
export type { Caller, GuardHttpOptions } from './request-judge.ts'

/** An `onRequest` or `preHandler` hook of Fastify 5. */
export type FastifyGuard = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>

/**
 * A hook for Fastify, `onRequest` best: nobody's body is read who is not let in. Behind it
 * `callerOf(request)` is the caller; others were answered as by
 * `guardKoa`. Cost: that of `guard.check`.
 *
 * @throws TypeError when `realm` or a header type cannot stand in a header.
 * @example
 * const app = fastify()
 * app.addHook('onRequest', guardFastify(guard, { cookieName: '__Host-access' }))
 * app.post('/payments', { onRequest: guardFastify(guard, { onStale: 'deny' }) }, pay)
 * app.get('/me', async (request) => ({ you: callerOf(request).claims.sub }))
 */
export const guardFastify = (
  guard: CheckingGuard,
  options: GuardHttpOptions = {},
): FastifyGuard => {
  const judge = requestJudge(guard, options)
  return async (request, reply) => {
    const came = { headers: request.headers, rawHeaders: request.raw.rawHeaders }
    const judged = await judge.judge(headerReader(came), reply.raw)
    reply.header('Vary', varyWith(reply.getHeader('Vary'), judge.vary)).headers(judged.headers)
    if (judged.outcome === 'passed') {
      Object.assign(request, { caller: judged.caller })
      return undefined
    }
    // As text, so that no serializer of the route writes it in another way.
    const { status, body } = judged.answer
    return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(body))
  }
}
