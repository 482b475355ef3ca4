import type { CookieJar } from './cookie-jar.ts'
import type { ServiceClients } from './service-clients.ts'
import type { BearerHeader } from './token-in-request.ts'
import type { Origins } from './trusted-origins.ts'

/** What every room needs to read a request: cookies, bearer header, service clients, origins. */
export type RequestReading = Readonly<{
  cookies: CookieJar
  bearer: BearerHeader
  clients: ServiceClients
  /** The origins whose pages may make a browser send writes. */
  origins: Origins
  /** The number of own proxies in front of the gateway. */
  proxyHops: number
  /** Whether a logout sends `Clear-Site-Data`. */
  clearsSiteData: boolean
}>
