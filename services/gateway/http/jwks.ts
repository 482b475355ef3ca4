import type { Context } from 'koa'
import type { AppParts } from './route-parts.ts'

const cacheSeconds = 300

/** `GET /.well-known/jwks.json` (RFC 7517). Keys overlap for longer than a copy lives. */
export const jwksRoute =
  ({ jwks }: Pick<AppParts, 'jwks'>) =>
  (ctx: Context): void => {
    ctx.set('Cache-Control', `public, max-age=${cacheSeconds}`)
    ctx.type = 'application/jwk-set+json'
    ctx.body = JSON.stringify(jwks())
  }
