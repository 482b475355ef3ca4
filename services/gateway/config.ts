import { z } from 'zod'
import { foreignFields, foreignMistakes } from '../../shared/http/foreign-fields.ts'
import { keyFields, signingKeyFields } from '../../shared/http/key-fields.ts'
import { serviceClientsField } from '../../shared/http/service-clients.ts'
import { claimName, tokenFields } from '../../shared/http/token-fields.ts'
import {
  duration,
  durationTakes,
  field,
  flag,
  flagTakes,
  optional,
  text,
  type Values,
  whole,
} from '../../shared/kernel/config.ts'
import { clientId } from '../../shared/kernel/ids.ts'
import { processFields } from '../../shared/kernel/process-fields.ts'
import { accountFields, userFields } from './accounts/index.ts'
import { browserFields, originMistakes } from './http/index.ts'
import { fleetFields } from './lifecycle/index.ts'
import { sessionFields } from './sessions/index.ts'
import { statusListFields } from './status-list/index.ts'
import { claimMistakes } from './tokens/index.ts'

const checkedBy = <T>(parse: (text: string) => T): z.ZodType<T, string> =>
  z.string().transform((given, context) => {
    try {
      return parse(given)
    } catch (error) {
      context.issues.push({ code: 'custom', input: given, message: (error as Error).message })
      return z.NEVER
    }
  })

const second = 1_000

/** Everything that the gateway can be told, in the order of the reference page. */
export const gatewayFields = {
  ...processFields,
  ...tokenFields,
  ...keyFields,
  ...signingKeyFields,
  ...foreignFields,
  ...browserFields,
  proxyHops: field({
    env: 'CURFEW_PROXY_HOPS',
    schema: whole(0, 8),
    otherwise: '0',
    takes: 'a number of proxies',
    doc: 'Own proxies in front that append to X-Forwarded-For; 0 trusts the header never.',
  }),
  ...fleetFields,
  ...sessionFields,
  ...accountFields,
  ...statusListFields,
  client: field({
    env: 'CURFEW_CLIENT_ID',
    schema: checkedBy(clientId),
    otherwise: 'curfew',
    takes: 'up to 64 of A-Z a-z 0-9 . _ -',
    doc: 'The `client_id` of sessions opened by `POST /login`.',
  }),
  userIdField: field({
    env: 'CURFEW_USER_ID_FIELD',
    simpleJwt: 'USER_ID_FIELD',
    schema: z.enum(['id', 'username'], { error: 'is neither id nor username' }),
    otherwise: 'id',
    takes: 'id or username',
    doc:
      'What CURFEW_USER_ID_CLAIM holds: the id that services know a user by (an imported user ' +
      'keeps the old one), or the name.',
  }),
  tokenTypeClaim: field({
    env: 'CURFEW_TOKEN_TYPE_CLAIM',
    simpleJwt: 'TOKEN_TYPE_CLAIM',
    schema: claimName,
    otherwise: 'token_type',
    takes: 'a claim name',
    doc: 'Another name under which tokens say their kind too, for services that read it there.',
  }),
  jtiClaim: field({
    env: 'CURFEW_JTI_CLAIM',
    simpleJwt: 'JTI_CLAIM',
    schema: claimName,
    otherwise: 'jti',
    takes: 'a claim name',
    doc: 'Another name under which tokens say their id too.',
  }),
  refreshExpClaim: field({
    env: 'CURFEW_SLIDING_TOKEN_REFRESH_EXP_CLAIM',
    simpleJwt: 'SLIDING_TOKEN_REFRESH_EXP_CLAIM',
    schema: claimName,
    otherwise: 'refresh_exp',
    takes: 'a claim name',
    doc: 'Another name under which a sliding token says too until when it may be renewed.',
  }),
  claimsHook: optional({
    env: 'CURFEW_CLAIMS_HOOK',
    schema: text(),
    takes: 'a file: an ES module (.mjs, .js, .ts)',
    doc: 'Adds claims of your own to tokens at login, and at refresh where it asks to.',
  }),
  claimsTimeoutMs: field({
    env: 'CURFEW_CLAIMS_TIMEOUT',
    schema: duration(10).refine((ms) => ms <= 10 * second, { error: 'must be at most 10s' }),
    otherwise: '1s',
    takes: durationTakes,
    doc: 'How long that hook may take before the request is answered 503; at most 10s.',
  }),
  ...userFields,
  serviceClients: serviceClientsField,
  receiversPrivate: field({
    env: 'CURFEW_RECEIVERS_PRIVATE',
    schema: flag,
    otherwise: 'false',
    takes: flagTakes,
    doc:
      'Lets receivers of revocations have private addresses and plain http. A service client may ' +
      'then make the gateway call any address of its network.',
  }),
  receiversSubjects: field({
    env: 'CURFEW_RECEIVERS_SUBJECTS',
    schema: z.enum(['ALL', 'NONE'], { error: 'is neither ALL nor NONE' }),
    otherwise: 'ALL',
    takes: 'ALL or NONE',
    doc: 'Whom a new SSF stream is told of before it adds or removes subjects.',
  }),
  keysDir: optional({
    env: 'CURFEW_KEYS_DIR',
    schema: text(),
    takes: 'a folder',
    doc:
      'Signing keys, refresh keys and the log’s MAC keys (files of mode 0600, made on first ' +
      'start). Without it, `keys` in CURFEW_DATA_DIR. Every gateway of a fleet needs the same ' +
      'files.',
  }),
  publishTimeoutMs: field({
    env: 'CURFEW_PUBLISH_TIMEOUT',
    schema: duration(10),
    otherwise: '1s',
    takes: durationTakes,
    doc: 'How long a revocation waits for the log before it answers `pending`.',
  }),
  deadlineMs: field({
    env: 'CURFEW_REQUEST_DEADLINE',
    schema: duration(100).refine((ms) => ms <= 20 * second, { error: 'must be at most 20s' }),
    otherwise: '5s',
    takes: durationTakes,
    doc: 'How long a request may contend for a session before 503; at most 20s.',
  }),
  tickMs: field({
    env: 'CURFEW_TICK',
    schema: duration(20).refine((ms) => ms <= 5 * second, { error: 'must be at most 5s' }),
    otherwise: '250ms',
    takes: durationTakes,
    doc: 'How often closed time is written: the grain of every guard’s freshness.',
  }),
} as const

export type GatewayConfig = Values<typeof gatewayFields>

/** A token is a cookie of 4 KiB, with an id, roles and the claims of a hook beside them. */
const namesBytesMax = 1_024

/** What single fields cannot say; every mistake is listed. */
export const configMistakes = (config: GatewayConfig): string[] => {
  const mistakes: string[] = []
  if (config.port === 0 && config.publicUrl === null) {
    mistakes.push('CURFEW_PORT=0 needs CURFEW_PUBLIC_URL: it is the issuer of every token.')
  }
  mistakes.push(...claimMistakes(config), ...foreignMistakes(config, issuerOf(config)))
  const issuer = issuerOf(config)
  const named = Buffer.byteLength(JSON.stringify([issuer, config.audience ?? issuer]))
  if (named > namesBytesMax) {
    mistakes.push(
      `CURFEW_AUDIENCE and CURFEW_ISSUER take ${named} bytes of every token; ` +
        `at most ${namesBytesMax} fit.`,
    )
  }
  if (config.refreshLifetimeMs < config.accessLifetimeMs) {
    mistakes.push('CURFEW_REFRESH_TOKEN_LIFETIME is shorter than CURFEW_ACCESS_TOKEN_LIFETIME.')
  }
  if (config.slidingRefreshLifetimeMs < config.slidingLifetimeMs) {
    mistakes.push(
      'CURFEW_SLIDING_TOKEN_REFRESH_LIFETIME is shorter than CURFEW_SLIDING_TOKEN_LIFETIME.',
    )
  }
  if (config.sessionMaxLifetimeMs < config.refreshLifetimeMs) {
    mistakes.push('CURFEW_SESSION_MAX_LIFETIME is shorter than CURFEW_REFRESH_TOKEN_LIFETIME.')
  }
  if (config.graceMs > 10 * 60 * second) {
    mistakes.push(
      'CURFEW_REFRESH_GRACE_PERIOD is longer than 10m: reuse would hardly ever be seen.',
    )
  }
  mistakes.push(...originMistakes(config.trustedOrigins, publicUrlOf(config)))
  if (config.cookieSameSite === 'none' && publicUrlOf(config).protocol !== 'https:') {
    mistakes.push(
      'CURFEW_COOKIE_SAME_SITE=none needs an https CURFEW_PUBLIC_URL: ' +
        'browsers drop such cookies without it.',
    )
  }
  return mistakes
}

export const publicUrlOf = (config: GatewayConfig): URL =>
  config.publicUrl ?? new URL(`http://localhost:${config.port}`)

/** What stands before every path of the gateway, without a slash at its end. */
export const baseUrlOf = (config: GatewayConfig): string =>
  `${publicUrlOf(config).origin}${config.basePath === '/' ? '' : config.basePath}`

/** The `iss` of every token. */
export const issuerOf = (config: GatewayConfig): string =>
  config.issuer ?? publicUrlOf(config).origin

/** The `aud` of every token. */
export const audienceOf = (config: GatewayConfig): string | readonly string[] =>
  config.audience ?? issuerOf(config)
