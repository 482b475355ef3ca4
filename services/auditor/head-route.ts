import type { Context, Middleware } from 'koa'
import type { AuthErrorCode } from '../../shared/kernel/errors.ts'
import { isAuthError } from '../../shared/kernel/errors.ts'
import type { Logger } from '../../shared/kernel/logger.ts'
import type { TrailHeads } from '../../shared/ports/trail-heads.ts'
import { parseHeadQuery } from '../../shared/trail-heads/head-query.ts'

const path = '/audit/head'

const refuse = (ctx: Context, status: number, code: AuthErrorCode, detail: string): void => {
  ctx.status = status
  ctx.body = { detail, code: code.toLowerCase() }
}

/**
 * `GET /audit/head`: the newest signed head, and that it goes on from the one that is asked about
 * (docs/audit.md). It takes no credentials: gateways ask it, and what it shows is said to everybody
 * who keeps a head. It names no event and no person.
 */
export const headRoute =
  ({ heads, logger }: Readonly<{ heads: TrailHeads; logger: Logger }>): Middleware =>
  async (ctx, next) => {
    if (ctx.path !== path) return next()
    ctx.set('Cache-Control', 'no-store')
    if (ctx.method !== 'GET') {
      ctx.set('Allow', 'GET')
      return refuse(ctx, 405, 'METHOD_NOT_ALLOWED', 'A head is fetched with GET.')
    }
    const asked = parseHeadQuery(ctx.query)
    if (!asked.ok) return refuse(ctx, 400, 'INPUT_INVALID', `${asked.field}: ${asked.problem}`)
    try {
      const answer = await heads.newest(asked.known)
      if (answer === null) return refuse(ctx, 404, 'NOT_FOUND', 'No head is signed yet.')
      ctx.type = 'application/json'
      ctx.body = answer
    } catch (error) {
      if (isAuthError(error, 'OVERLOADED')) {
        ctx.set('Retry-After', '10')
        return refuse(ctx, 503, error.code, error.message)
      }
      logger.error({ error: error as Error }, 'a head could not be shown')
      const detail = 'The trail cannot be read now; the log of the auditor says why.'
      refuse(ctx, 503, 'TRAIL_INVALID', detail)
    }
  }
