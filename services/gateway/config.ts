import { foreignFields, foreignMistakes } from '../../shared/http/foreign-issuer-settings.ts'
import { keyFields, signingKeyFields } from '../../shared/http/key-settings.ts'
import { unsignedEventsField } from '../../shared/http/log-reader-settings.ts'
import { serviceClientsField } from '../../shared/http/service-clients.ts'
import { tokenFields } from '../../shared/http/token-location-settings.ts'
import { refuse, type Values } from '../../shared/kernel/config.ts'
import { AuthError } from '../../shared/kernel/errors.ts'
import { processFields } from '../../shared/kernel/process/process-settings.ts'
import { type CookiePolicy, cookiePolicy } from '../../shared/tokens/requests/index.ts'
import { accountFields } from './accounts/index.ts'
import { askingFields } from './audit/index.ts'
import { httpFields, originMistakes } from './http/index.ts'
import { fleetFields } from './lifecycle/index.ts'
import { pageFields, pageMistakes } from './pages/index.ts'
import { proxyFields } from './proxies/index.ts'
import { publicationFields } from './publication/index.ts'
import { revocationFields } from './revocations/index.ts'
import { sessionFields } from './sessions/index.ts'
import { receiverFields } from './ssf/index.ts'
import { statusListFields } from './status-list/index.ts'
import { claimFields, claimMistakes } from './tokens/index.ts'

const minuteMs = 60_000

/** Everything that the gateway can be told, in the order of the reference page. */
export const gatewayFields = {
  ...processFields,
  ...tokenFields,
  ...keyFields,
  ...signingKeyFields,
  ...foreignFields,
  ...httpFields,
  ...pageFields,
  ...proxyFields,
  ...fleetFields,
  ...sessionFields,
  ...claimFields,
  ...accountFields,
  ...askingFields,
  ...revocationFields,
  ...statusListFields,
  serviceClients: serviceClientsField,
  ...receiverFields,
  unsignedEvents: unsignedEventsField,
  ...publicationFields,
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
  if (config.graceMs > 10 * minuteMs) {
    mistakes.push(
      'CURFEW_REFRESH_GRACE_PERIOD is longer than 10m: reuse would hardly ever be seen.',
    )
  }
  mistakes.push(...originMistakes(config.trustedOrigins, publicUrlOf(config)))
  mistakes.push(...pageMistakes(config, publicUrlOf(config)))
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

/** @throws AuthError CONFIG_INVALID with every mistake that one field alone cannot show. */
export const checkedCookies = (config: GatewayConfig): CookiePolicy => {
  const publicUrl = publicUrlOf(config)
  const { basePath, insecureCookies: insecure, cookieSameSite } = config
  const crossSite = cookieSameSite === 'none'
  const policy = cookiePolicy({ publicUrl, basePath, insecure, crossSite })
  refuse([...configMistakes(config), ...(policy.ok ? [] : [policy.mistake])])
  if (!policy.ok) throw new AuthError('CONFIG_INVALID', policy.mistake)
  return policy.policy
}
