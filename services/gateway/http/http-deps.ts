import type { BearerHeader } from './bearer-header.ts'
import type { ClientAuthenticator } from './client-authenticator.ts'
import type { CookieJar } from './cookie-jar.ts'
import type { Origins } from './trusted-origins.ts'

/** What every room needs to read a request: cookies, bearer header, service clients, origins. */
export type HttpDeps = Readonly<{
  cookies: CookieJar
  bearer: BearerHeader
  clients: ClientAuthenticator
  /** The origins whose pages may make a browser send writes. */
  origins: Origins
  /** The number of own proxies in front of the gateway. */
  proxyHops: number
  /** Whether a logout sends `Clear-Site-Data`. */
  clearsSiteData: boolean
}>
