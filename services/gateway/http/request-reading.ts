import type { CookieJar } from './cookie-jar.ts'
import type { ServiceClients } from './service-clients.ts'
import type { BearerHeader } from './token-in-request.ts'
import type { Origins } from './trusted-origins.ts'

/** What requests are read with, whatever they ask. */
export type RequestReading = Readonly<{
  cookies: CookieJar
  bearer: BearerHeader
  clients: ServiceClients
  /** Whose pages may make a browser send writes. */
  origins: Origins
  /** Proxies of one's own in front of the gateway. */
  proxyHops: number
  /** Whether a logout tells the browser to forget what it cached and stored. */
  clearsSiteData: boolean
}>
