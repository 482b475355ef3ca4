import type { Context } from 'koa'
import { z } from 'zod'
import { json } from '../../../../shared/http/route-doc.ts'
import { answering, answerPublic, type GatewayRoute, get } from '../../http/index.ts'
import { type DocumentDeps, metadataRoute } from './metadata.ts'

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

const tag = 'Metadata'
const jwk = z.looseObject({
  kty: z.string(),
  kid: z.string(),
  alg: z.string(),
  use: z.literal('sig'),
})

const metadata = z.object({
  issuer: z.string(),
  jwks_uri: z.string(),
  response_types_supported: z.array(z.string()),
  grant_types_supported: z.array(z.string()),
  introspection_endpoint: z.string(),
  introspection_endpoint_auth_methods_supported: z.array(z.string()),
  revocation_endpoint: z.string(),
  revocation_endpoint_auth_methods_supported: z.array(z.string()),
  global_token_revocation_endpoint: z.string(),
  global_token_revocation_endpoint_auth_methods_supported: z.array(z.string()),
  backchannel_logout_supported: z.boolean(),
  backchannel_logout_session_supported: z.boolean(),
  status_list_aggregation_endpoint: z.string().optional(),
  curfew_guards_endpoint: z.string(),
  curfew_audit_head_endpoint: z.string().optional(),
  curfew_audience: z.array(z.string()),
  curfew_token_classes: z.array(z.string()),
  curfew_token_signing_alg_values_supported: z.array(z.string()),
  curfew_cookie_name: z.string(),
  curfew_header_name: z.string(),
  curfew_header_types: z.array(z.string()),
})
const wellKnown =
  'Stands at the root of the host, whatever the base path, with the path of the issuer behind ' +
  'it; and below the base path.'
const cached = { 'Cache-Control': 'How long a copy is good.', ETag: 'For `If-None-Match`.' }
const unchanged = { description: 'The copy that `If-None-Match` names is the current one.' }

const metadataAnswers = answering({
  200: { description: 'The metadata.', content: json(metadata), headers: cached },
  304: unchanged,
})

/** What anybody may read. */
export const publicRoutes: readonly GatewayRoute<DocumentDeps>[] = [
  get('/.well-known/jwks.json', jwksRoute, {
    summary: 'The public keys (RFC 7517); `kid` is the RFC 7638 thumbprint',
    tag,
    security: [],
    answers: answering({
      200: {
        description: 'Active, next, and not yet dead retired keys.',
        content: {
          type: 'application/jwk-set+json',
          schema: z.object({ keys: z.array(jwk) }),
        },
        headers: cached,
      },
      304: unchanged,
    }),
  }),
  get('/.well-known/oauth-authorization-server', metadataRoute, {
    summary: 'Where what is (RFC 8414)',
    description: wellKnown,
    tag,
    security: [],
    answers: metadataAnswers,
  }),
  get('/.well-known/openid-configuration', metadataRoute, {
    summary: 'The same, for libraries that know this name alone',
    description: `${wellKnown} And behind the path of the issuer.`,
    tag,
    security: [],
    answers: metadataAnswers,
  }),
]
