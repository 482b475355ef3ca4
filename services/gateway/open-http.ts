import type { CookiePolicy } from '../../shared/tokens/requests/index.ts'
import { type GatewayConfig, publicUrlOf } from './config.ts'
import type { GatewayPorts } from './gateway-ports.ts'
import { ClientAuthenticator, CookieJar, type HttpDeps, originsOf } from './http/index.ts'

/** What reads requests, as the settings say. */
export const openHttp = (
  { keys, clock }: GatewayPorts,
  config: GatewayConfig,
  cookies: CookiePolicy,
): HttpDeps => ({
  cookies: new CookieJar(cookies),
  bearer: { name: config.headerName, types: config.headerTypes },
  clients: new ClientAuthenticator(config.serviceClients, keys.mac, {
    clock,
    proxyHops: config.proxyHops,
  }),
  origins: originsOf(publicUrlOf(config), config.trustedOrigins),
  proxyHops: config.proxyHops,
  clearsSiteData: config.clearSiteData,
})
