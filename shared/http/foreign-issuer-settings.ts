import { z } from 'zod'
import { isSafeUrl } from '../kernel/addresses/safe-url.ts'
import {
  duration,
  durationTakes,
  httpUrl,
  list,
  listTakes,
  optional,
  text,
} from '../kernel/config.ts'

const names = list.pipe(z.array(text(255)).min(1, { error: 'is empty' }).max(16)) as z.ZodType<
  readonly string[],
  string
>

/** Another issuer whose access tokens are good too; gateway and guards alike. */
export const foreignFields = {
  jwkUrl: optional({
    env: 'CURFEW_JWK_URL',
    simpleJwt: 'JWK_URL',
    schema: httpUrl.refine((url) => isSafeUrl(url, false), {
      error: 'is http beyond loopback: who is on the way could put keys of their own into the set',
    }),
    takes: 'the https address of a JWK Set',
    doc:
      'Public keys of another issuer, whose access tokens are accepted beside Curfew’s. They ' +
      'have no session here: see operations.md. Needs the three settings below.',
  }),
  jwkIssuer: optional({
    env: 'CURFEW_JWK_ISSUER',
    schema: text(255),
    takes: 'a name, by custom an address',
    doc: 'The `iss` of that issuer’s tokens; demanded.',
  }),
  jwkAudience: optional({
    env: 'CURFEW_JWK_AUDIENCE',
    schema: names,
    takes: listTakes,
    doc: 'The `aud` of that issuer’s tokens; any one in common is demanded.',
  }),
  foreignLifetimeMs: optional({
    env: 'CURFEW_JWK_TOKEN_LIFETIME',
    schema: duration(1_000),
    takes: durationTakes,
    doc:
      'Longest life of that issuer’s tokens; longer ones are refused, since their revocation is ' +
      'remembered no longer.',
  }),
} as const

type Foreign = Readonly<Record<keyof typeof foreignFields, unknown>>

/** The four go together, and two issuers are two names. */
export const foreignMistakes = (config: Foreign, ownIssuer: string): readonly string[] => {
  const fields = Object.entries(foreignFields)
  const missing = fields.filter(([name]) => config[name as keyof Foreign] === null)
  const partly =
    missing.length > 0 && missing.length < fields.length
      ? [`CURFEW_JWK_* go together: ${missing.map(([, { env }]) => env).join(', ')} is missing.`]
      : []
  const same =
    config.jwkIssuer === ownIssuer
      ? ['CURFEW_JWK_ISSUER is the issuer of Curfew’s own tokens.']
      : []
  return [...partly, ...same]
}
