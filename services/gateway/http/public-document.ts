import { createHash } from 'node:crypto'
import type { Context } from 'koa'

type PublicCaching = Readonly<{ type: string; maxAgeSeconds: number }>

/**
 * Answers a document that anybody may read and cache, and that scripts of any origin may read. It
 * has an ETag, so an unchanged document is answered with 304 and no body.
 */
export const answerPublic = (
  ctx: Context,
  body: string | Buffer,
  { type, maxAgeSeconds }: PublicCaching,
): void => {
  ctx.set('Cache-Control', `public, max-age=${maxAgeSeconds}`)
  // For a page that the settings name, CORS has set the header already, with its origin.
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
