import { z } from 'zod'
import { backendFields } from '../../shared/backends/config.ts'
import { drainFields } from '../../shared/http/drain.ts'
import { foreignFields, foreignMistakes } from '../../shared/http/foreign-issuer-settings.ts'
import { keyFields } from '../../shared/http/key-settings.ts'
import { logMacField } from '../../shared/http/log-reader-settings.ts'
import { tokenFields } from '../../shared/http/token-location-settings.ts'
import {
  duration,
  durationTakes,
  field,
  httpUrl,
  optional,
  originUrl,
  port,
  portTakes,
  text,
  type Values,
} from '../../shared/kernel/config.ts'
import { processFields } from '../../shared/kernel/process/process-settings.ts'
import { metricsFields } from '../../shared/metrics/metrics-settings.ts'
import { isSymmetric } from '../../shared/tokens/keys/index.ts'
import {
  isKnownSecret,
  knownSecretProblem,
} from '../../shared/tokens/known-secrets/publicly-known-secret.ts'
import { cookiePolicy } from '../../shared/tokens/requests/index.ts'
import { feedFields, feedMistakes } from './feed-settings.ts'

/**
 * The settings of a service with a guard: which issuer it trusts, how it gets revocations, and what
 * it does when it cannot.
 */
export const ordersFields = {
  configFile: processFields.configFile,
  host: processFields.host,
  logLevel: processFields.logLevel,
  readyWithinMs: processFields.readyWithinMs,
  ...backendFields,
  ...metricsFields,
  ...tokenFields,
  ...keyFields,
  ...foreignFields,
  ...drainFields,
  port: field({
    env: 'CURFEW_ORDERS_PORT',
    schema: port,
    otherwise: '3001',
    takes: portTakes,
    doc: 'Port of the sample service.',
  }),
  gatewayUrl: field({
    env: 'CURFEW_GATEWAY_URL',
    schema: httpUrl,
    otherwise: 'http://localhost:3000',
    takes: 'the address of the gateway, with its base path if it has one',
    doc: 'Where a guard fetches the key set and introspects; may be an inner address.',
  }),
  publicUrl: optional({
    env: 'CURFEW_PUBLIC_URL',
    schema: originUrl,
    takes: 'the address that browsers use, without a path',
    doc:
      'The `iss` of tokens, as the gateway has it. Without it, the origin of ' +
      'CURFEW_GATEWAY_URL.',
  }),
  maxStalenessMs: field({
    env: 'CURFEW_MAX_STALENESS',
    schema: duration(1_750),
    otherwise: '5s',
    takes: durationTakes,
    doc: 'How old a guard’s knowledge may be before CURFEW_ON_STALE decides; at least 1750ms.',
  }),
  onStale: field({
    env: 'CURFEW_ON_STALE',
    schema: z.enum(['introspect', 'deny', 'allow'], { error: 'is no policy' }),
    otherwise: 'introspect',
    takes: 'introspect, deny or allow',
    doc:
      'What a guard does when it cannot prove freshness: ask the gateway, answer 503, or ' +
      'accept.',
  }),
  introspectionKeptMs: optional({
    env: 'CURFEW_INTROSPECTION_KEPT',
    schema: duration(),
    takes: durationTakes,
    doc:
      'How long a guard uses an answer of the introspection again; `0` asks for each request. ' +
      'Without it CURFEW_MAX_STALENESS, the most that it may be.',
  }),
  guardName: field({
    env: 'CURFEW_GUARD_NAME',
    schema: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, { error: 'is no name' }),
    otherwise: 'orders',
    takes: 'up to 64 of A-Z a-z 0-9 . _ -',
    doc: 'What `GET /guards` calls the guard, which tells the gateway every 5 s that it is there.',
  }),
  introspectClient: optional({
    env: 'CURFEW_INTROSPECT_CLIENT_ID',
    schema: text(64),
    takes: 'the id of one of the gateway’s CURFEW_SERVICE_CLIENTS',
    doc: 'Who introspects. Without it, credentials that follow from the log’s MAC ring.',
  }),
  introspectSecret: optional({
    env: 'CURFEW_INTROSPECT_CLIENT_SECRET',
    schema: text(255).refine((secret) => !isKnownSecret(secret), { error: knownSecretProblem }),
    secret: true,
    takes: 'its secret',
    doc: 'For HTTP Basic at the introspection.',
  }),
  ...feedFields,
  logMacFile: logMacField,
} as const
export type OrdersConfig = Values<typeof ordersFields>

/** Mistakes that no single field can show. */
export const ordersMistakes = (config: OrdersConfig): string[] => {
  const { introspectClient, introspectSecret } = config
  const alone = (introspectClient === null) !== (introspectSecret === null)
  return [
    ...(alone
      ? ['CURFEW_INTROSPECT_CLIENT_ID and CURFEW_INTROSPECT_CLIENT_SECRET go together.']
      : []),
    ...((config.introspectionKeptMs ?? 0) > config.maxStalenessMs
      ? ['CURFEW_INTROSPECTION_KEPT must be at most CURFEW_MAX_STALENESS.']
      : []),
    ...feedMistakes(config),
    ...(config.feed === 'kafka' && config.kafkaBrokers.length === 0
      ? ['CURFEW_FEED=kafka needs CURFEW_KAFKA_BROKERS.']
      : []),
    ...foreignMistakes(config, trustOf(config).issuer),
  ]
}

/** Mistakes of a service in its own process; in one process with the gateway it has the keys. */
export const keyMistakes = ({ algorithm, verifyingKey, verifyingKeyFile }: OrdersConfig) =>
  algorithm !== null && isSymmetric(algorithm) && !verifyingKey && !verifyingKeyFile
    ? [`CURFEW_ALGORITHM=${algorithm} needs CURFEW_VERIFYING_KEY or CURFEW_VERIFYING_KEY_FILE.`]
    : []

/** The issuer that the guard trusts, and where it asks, derived from a few settings. */
export type Trust = Readonly<{
  issuer: string
  audience: string | readonly string[]
  jwksUrl: URL
  introspectUrl: URL
  cookieName: string
}>
export const trustOf = ({ publicUrl, gatewayUrl, ...config }: OrdersConfig): Trust => {
  const publicAddress = publicUrl ?? gatewayUrl
  const base = gatewayUrl.href.replace(/\/$/, '')
  // Only for the name of the access cookie. `insecure` is true since whether cookies may be sent
  // unencrypted is for the gateway to decide.
  const cookies = cookiePolicy({ publicUrl: publicAddress, basePath: '/', insecure: true })
  const issuer = config.issuer ?? publicAddress.origin
  return {
    issuer,
    audience: config.audience ?? issuer,
    jwksUrl: new URL(`${base}/.well-known/jwks.json`),
    introspectUrl: new URL(`${base}/introspect`),
    cookieName: cookies.ok ? cookies.policy.access.name : 'access',
  }
}
