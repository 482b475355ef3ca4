import { z } from 'zod'
import {
  duration,
  durationTakes,
  field,
  flag,
  flagTakes,
  httpUrl,
  list,
  listTakes,
  optional,
  text,
  type Values,
  whole,
} from '../../shared/kernel/config.ts'
import { clientId } from '../../shared/kernel/ids.ts'
import { processFields } from '../../shared/kernel/process-fields.ts'
import { isReservedClaim } from '../../shared/tokens/claims.ts'
import { parseServiceClient } from './http/service-clients.ts'

const checkedBy = <T>(parse: (text: string) => T): z.ZodType<T, string> =>
  z.string().transform((given, context) => {
    try {
      return parse(given)
    } catch (error) {
      context.issues.push({ code: 'custom', input: given, message: (error as Error).message })
      return z.NEVER
    }
  })

const basePath = z.string().regex(/^\/(?:[A-Za-z0-9._~-]+(?:\/[A-Za-z0-9._~-]+)*)?$/, {
  error: 'is no path without a slash at its end',
})

const second = 1_000

/** Everything that the gateway can be told, in the order of the reference page. */
export const gatewayFields = {
  ...processFields,
  publicUrl: optional({
    env: 'CURFEW_PUBLIC_URL',
    schema: httpUrl,
    takes: 'the address that browsers use, without a path',
    doc:
      'Issuer of all tokens, own origin, and kind of cookies: https gives `__Host-access` and ' +
      '`__Secure-refresh`. Without it, `http://localhost:<CURFEW_PORT>`.',
  }),
  basePath: field({
    env: 'CURFEW_BASE_PATH',
    schema: basePath,
    otherwise: '/',
    takes: 'a path such as /auth',
    doc: 'Prefix of every route but health, and Path of the refresh cookie.',
  }),
  insecureCookies: field({
    env: 'CURFEW_INSECURE_COOKIES',
    schema: flag,
    otherwise: 'false',
    takes: flagTakes,
    doc:
      'Allows plain cookies on http that is not loopback. Anyone on the network path can take ' +
      'sessions over.',
  }),
  trustedOrigins: field({
    env: 'CURFEW_TRUSTED_ORIGINS',
    schema: list,
    otherwise: '',
    takes: listTakes,
    doc: 'Origins of other pages of yours that may send cookie-bearing writes.',
  }),
  proxyHops: field({
    env: 'CURFEW_PROXY_HOPS',
    schema: whole(0, 8),
    otherwise: '0',
    takes: 'a number of proxies',
    doc: 'Own proxies in front that append to X-Forwarded-For; 0 trusts the header never.',
  }),
  accessLifetimeMs: field({
    env: 'CURFEW_ACCESS_TOKEN_LIFETIME',
    schema: duration(second),
    otherwise: '15m',
    takes: durationTakes,
    doc: 'Life of an access token.',
  }),
  refreshLifetimeMs: field({
    env: 'CURFEW_REFRESH_TOKEN_LIFETIME',
    schema: duration(second),
    otherwise: '3d',
    takes: durationTakes,
    doc: 'Life of a refresh token.',
  }),
  sessionMaxLifetimeMs: field({
    env: 'CURFEW_SESSION_MAX_LIFETIME',
    schema: duration(second),
    otherwise: '30d',
    takes: durationTakes,
    doc: 'No token of a session outlives its login by more than this.',
  }),
  rotate: field({
    env: 'CURFEW_ROTATE_REFRESH_TOKENS',
    schema: flag,
    otherwise: 'true',
    takes: flagTakes,
    doc: 'A refresh answers a new refresh token too.',
  }),
  blacklistAfterRotation: field({
    env: 'CURFEW_BLACKLIST_AFTER_ROTATION',
    schema: flag,
    otherwise: 'true',
    takes: flagTakes,
    doc:
      'A rotated refresh token ends. When false, reuse is not detected: predecessors stay good ' +
      'until they expire.',
  }),
  graceMs: field({
    env: 'CURFEW_REFRESH_GRACE_PERIOD',
    schema: duration(),
    otherwise: '10s',
    takes: durationTakes,
    doc: 'How long a rotated refresh token still gets the same successor; 0 is strict.',
  }),
  leewayMs: field({
    env: 'CURFEW_LEEWAY',
    schema: duration().refine((ms) => ms <= 60 * second, { error: 'must be at most 60s' }),
    otherwise: '0',
    takes: durationTakes,
    doc: 'Tolerance for clocks at `exp` and `iat`; at most 60s.',
  }),
  audience: optional({
    env: 'CURFEW_AUDIENCE',
    schema: text(255),
    takes: 'a name',
    doc: 'The `aud` of access tokens. Without it, the issuer.',
  }),
  client: field({
    env: 'CURFEW_CLIENT_ID',
    schema: checkedBy(clientId),
    otherwise: 'curfew',
    takes: 'up to 64 of A-Z a-z 0-9 . _ -',
    doc: 'The `client_id` of sessions opened by `POST /login`.',
  }),
  userIdClaim: field({
    env: 'CURFEW_USER_ID_CLAIM',
    schema: z.string().regex(/^[a-z][a-z0-9_]{0,31}$/, { error: 'is no claim name' }),
    otherwise: 'user_id',
    takes: 'a claim name',
    doc: 'Claim that holds the user’s id, beside `sub`.',
  }),
  serviceClients: field({
    env: 'CURFEW_SERVICE_CLIENTS',
    schema: list.pipe(z.array(checkedBy(parseServiceClient))),
    otherwise: '',
    secret: true,
    takes:
      'id:secret or id:secret:introspect+revoke, separated by commas; ' +
      'secrets of 16 characters or more',
    doc: 'Services that may call `/introspect` and `/revocations`, by HTTP Basic.',
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

/** Clocks of store, gateway and guard may differ by this much; more makes a gateway not ready. */
export const maxClockErrorMs = 1_000

/** What single fields cannot say; every mistake is listed. */
export const configMistakes = (config: GatewayConfig): string[] => {
  const mistakes: string[] = []
  if (config.port === 0 && config.publicUrl === null) {
    mistakes.push('CURFEW_PORT=0 needs CURFEW_PUBLIC_URL: it is the issuer of every token.')
  }
  if (isReservedClaim(config.userIdClaim)) {
    mistakes.push(
      `CURFEW_USER_ID_CLAIM=${config.userIdClaim} is a claim with a meaning of its own.`,
    )
  }
  if (config.refreshLifetimeMs < config.accessLifetimeMs) {
    mistakes.push('CURFEW_REFRESH_TOKEN_LIFETIME is shorter than CURFEW_ACCESS_TOKEN_LIFETIME.')
  }
  if (config.sessionMaxLifetimeMs < config.refreshLifetimeMs) {
    mistakes.push('CURFEW_SESSION_MAX_LIFETIME is shorter than CURFEW_REFRESH_TOKEN_LIFETIME.')
  }
  if (config.graceMs > 10 * 60 * second) {
    mistakes.push(
      'CURFEW_REFRESH_GRACE_PERIOD is longer than 10m: reuse would hardly ever be seen.',
    )
  }
  for (const origin of config.trustedOrigins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      mistakes.push(
        `CURFEW_TRUSTED_ORIGINS has ${JSON.stringify(origin)}, ` +
          'which is no origin such as https://app.example.',
      )
    }
  }
  return mistakes
}

export const publicUrlOf = (config: GatewayConfig): URL =>
  config.publicUrl ?? new URL(`http://localhost:${config.port}`)
