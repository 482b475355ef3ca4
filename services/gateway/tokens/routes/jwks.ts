import type { Context } from 'koa'
import { answerPublic } from '../../http/index.ts'

const jwkSet = 'application/jwk-set+json'

/**
 * `GET /.well-known/jwks.json` (RFC 7517). Keys overlap for longer than a copy may be cached. A
 * client that accepts only `application/json` gets that type.
 */
export const jwksRoute =
  ({ jwks }: Readonly<{ jwks: () => object }>) =>
  (ctx: Context): void => {
    const type = ctx.accepts(jwkSet, 'application/json') || jwkSet
    ctx.vary('Accept')
    answerPublic(ctx, JSON.stringify(jwks()), { type, maxAgeSeconds: 300 })
  }
