import type { Context } from 'koa'
import { z } from 'zod'
import { json } from '../../../../shared/http/route-doc.ts'
import {
  answering,
  answerPublic,
  type GatewayRoute,
  get,
  type HttpDeps,
  type Metadata,
} from '../../http/index.ts'
import { listsAddress } from '../../status-list/index.ts'
import type { Tokens } from '../index.ts'

const name = '/.well-known/oauth-authorization-server'
/** The only name that many libraries know. */
const openidName = '/.well-known/openid-configuration'

/**
 * Where clients look for the metadata. RFC 8414, 3.1 puts it between the host and the path of the
 * issuer, under either name (5); OpenID Connect Discovery, 4 puts it behind the path. For an issuer
 * that is no URL, the paths are those of an issuer without a path.
 */
export const metadataPaths = (issuer: string): ReadonlySet<string> => {
  const path = URL.canParse(issuer) ? new URL(issuer).pathname.replace(/\/$/, '') : ''
  return new Set([`${name}${path}`, `${openidName}${path}`, `${path}${openidName}`])
}

type DocumentDeps = Readonly<{
  metadata: Metadata
  jwks: () => object
  http: Pick<HttpDeps, 'bearer' | 'cookies'>
  tokens: Pick<Tokens, 'issuer'>
}>
type MetadataDeps = Omit<DocumentDeps, 'jwks'>

/** What guards read, so that nobody has to configure it there. RFC 8414, 2 allows more members. */
const forGuards = ({
  metadata,
  http: { bearer, cookies },
  tokens: { issuer },
}: MetadataDeps): object => ({
  curfew_guards_endpoint: `${metadata.baseUrl}/guards`,
  ...(metadata.showsHeads && { curfew_audit_head_endpoint: `${metadata.baseUrl}/audit/head` }),
  curfew_audience: metadata.audience,
  curfew_token_classes: issuer.accepted,
  curfew_token_signing_alg_values_supported: metadata.algorithms(),
  curfew_cookie_name: cookies.accessName,
  curfew_header_name: bearer.name,
  curfew_header_types: bearer.types,
})

/** The members of RFC 8414, 2. Empty lists are left out (3.2). */
const metadataOf = ({ issuer, baseUrl, listsTokens }: Metadata): object => ({
  issuer,
  jwks_uri: `${baseUrl}/.well-known/jwks.json`,
  // There is no authorization endpoint and no token endpoint as OAuth has them: `/login` and
  // `/api/token/` take passwords as JSON. The two required lists say so; left out, the second
  // would mean `authorization_code` and `implicit`.
  response_types_supported: ['none'],
  grant_types_supported: ['urn:curfew:grant-type:session'],
  introspection_endpoint: `${baseUrl}/introspect`,
  introspection_endpoint_auth_methods_supported: ['client_secret_basic'],
  revocation_endpoint: `${baseUrl}/revoke`,
  revocation_endpoint_auth_methods_supported: ['client_secret_basic'],
  global_token_revocation_endpoint: `${baseUrl}/global-token-revocation`,
  global_token_revocation_endpoint_auth_methods_supported: ['client_secret_basic'],
  backchannel_logout_supported: true,
  backchannel_logout_session_supported: true,
  ...(listsTokens ? { status_list_aggregation_endpoint: listsAddress(baseUrl) } : {}),
})

/** `GET /.well-known/oauth-authorization-server` (RFC 8414), and under OpenID's name. */
export const metadataRoute =
  (deps: MetadataDeps) =>
  (ctx: Context): void =>
    answerPublic(ctx, JSON.stringify({ ...metadataOf(deps.metadata), ...forGuards(deps) }), {
      type: 'application/json',
      maxAgeSeconds: 300,
    })

const jwkSet = 'application/jwk-set+json'

/**
 * `GET /.well-known/jwks.json` (RFC 7517). Keys overlap for longer than a copy may be cached. A
 * client that accepts only `application/json` gets that type.
 */
const jwksRoute =
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
export const metadataRoutes: readonly GatewayRoute<DocumentDeps>[] = [
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
