import { createHash } from 'node:crypto'
import type { Context } from 'koa'

type Public = Readonly<{ type: string; maxAgeSeconds: number }>

/**
 * Answers a document that anybody may read and keep for a while: with an ETag, so that an unchanged
 * one costs 304 and no body, and for scripts of any origin.
 */
export const answerPublic = (
  ctx: Context,
  body: string | Buffer,
  { type, maxAgeSeconds }: Public,
): void => {
  ctx.set('Cache-Control', `public, max-age=${maxAgeSeconds}`)
  // A page that the settings name has its own, for a request with credentials.
  if (!ctx.res.hasHeader('Access-Control-Allow-Origin')) {
    ctx.set('Access-Control-Allow-Origin', '*')
  }
  ctx.set('Cross-Origin-Resource-Policy', 'cross-origin')
  ctx.status = 200
  ctx.etag = createHash('sha256').update(body).digest('base64url')
  if (ctx.fresh) {
    ctx.status = 304
    return
  }
  ctx.type = type
  ctx.body = body
}
