import { z } from 'zod'
import {
  duration,
  durationTakes,
  field,
  list,
  listTakes,
  optional,
  text,
} from '../kernel/config.ts'
import { bearerKinds } from '../tokens/claims.ts'

const second = 1_000
/** What a claim of a team's own may be called. */
export const claimName: z.ZodType<string, string> = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,31}$/, { error: 'is no claim name' })
  .refine((name) => name !== 'constructor' && name !== 'prototype', {
    error: 'is a name that no verifier takes as a claim',
  })
// RFC 9110, 5.6.2: names of headers and of authentication schemes are tokens.
const httpToken = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, { error: 'is no name' })
/** Headers that browsers, proxies or HTTP itself fill: a client cannot say its token there. */
const takenHeaders = new RegExp(
  '^(?:accept|accept-.*|age|allow|cache-control|connection|content-.*|cookie2?|date|early-data' +
    '|expect|forwarded|from|host|http2-settings|if-.*|keep-alive|max-forwards|origin|pragma' +
    '|prefer|priority|proxy-.*|range|referer|revocation-.*|sec-.*|set-cookie2?|te|trailer' +
    '|transfer-encoding|upgrade.*|user-agent|vary|via|warning|www-authenticate|x-forwarded-.*' +
    '|x-real-ip|x-request-id)$',
  'i',
)
const tokenHeader = httpToken.refine((name) => !takenHeaders.test(name), {
  error: 'is a header that has another meaning in HTTP',
})
const someOf = <T>(one: z.ZodType<T, string>): z.ZodType<readonly T[], string> =>
  list.pipe(z.array(one).min(1, { error: 'is empty' }).max(16)) as z.ZodType<readonly T[], string>

/** What whoever verifies tokens must know, the gateway and each service with a guard alike. */
export const tokenFields = {
  issuer: optional({
    env: 'CURFEW_ISSUER',
    simpleJwt: 'ISSUER',
    schema: text(255),
    takes: 'a name, by custom an address',
    doc: 'The `iss` of all tokens. Without it, the origin of CURFEW_PUBLIC_URL.',
  }),
  audience: optional({
    env: 'CURFEW_AUDIENCE',
    simpleJwt: 'AUDIENCE',
    schema: someOf(text(255)),
    takes: listTakes,
    doc:
      'The `aud` of access and sliding tokens: one name, or several of which a service demands ' +
      'any. Without it, the issuer.',
  }),
  userIdClaim: field({
    env: 'CURFEW_USER_ID_CLAIM',
    simpleJwt: 'USER_ID_CLAIM',
    schema: claimName,
    otherwise: 'user_id',
    takes: 'a claim name; `sub` for none beside `sub`',
    doc: 'Claim that holds the user’s id, beside `sub`.',
  }),
  leewayMs: field({
    env: 'CURFEW_LEEWAY',
    simpleJwt: 'LEEWAY',
    schema: duration().refine((ms) => ms <= 60 * second, { error: 'must be at most 60s' }),
    otherwise: '0',
    takes: durationTakes,
    doc: 'Tolerance for clocks at `exp`, `nbf`, `iat` and `refresh_exp`; at most 60s.',
  }),
  accept: field({
    env: 'CURFEW_AUTH_TOKEN_CLASSES',
    simpleJwt: 'AUTH_TOKEN_CLASSES',
    schema: someOf(z.enum(bearerKinds, { error: 'is neither access nor sliding' })),
    otherwise: 'access',
    takes: 'access, sliding, or access,sliding for both',
    doc:
      'Which tokens authenticate a request. A sliding token renews itself, and its reuse is not ' +
      'seen: Curfew issues them, and accepts them only where this says so.',
  }),
  headerName: field({
    env: 'CURFEW_AUTH_HEADER_NAME',
    simpleJwt: 'AUTH_HEADER_NAME',
    schema: tokenHeader,
    otherwise: 'Authorization',
    takes: 'the name of a header',
    doc: 'Header that carries a token; it comes before the cookie.',
  }),
  headerTypes: field({
    env: 'CURFEW_AUTH_HEADER_TYPES',
    simpleJwt: 'AUTH_HEADER_TYPES',
    schema: someOf(httpToken),
    otherwise: 'Bearer',
    takes: listTakes,
    doc:
      'What may stand before the token in that header, compared exactly. The first is named in ' +
      '`WWW-Authenticate`.',
  }),
} as const
