import type { ClientId } from '../../shared/kernel/ids.ts'
import type { CookieJar } from './http/cookie-jar.ts'
import type { ServiceClients } from './http/service-clients.ts'
import type { BearerHeader } from './http/token-in-request.ts'
import type { Origins } from './http/trusted-origins.ts'
import type { GatewayParts } from './parts.ts'
import type { Departures } from './sessions/logouts-in-flight.ts'
import type { PollDesk } from './ssf/polling/polls.ts'
import type { TransmitterParts } from './ssf/transmitter.ts'
import type { StatusLists } from './status-list/status-lists.ts'

/** What every route is made of. */
export type RouteParts = GatewayParts &
  Readonly<{
    cookies: CookieJar
    clients: ServiceClients
    /** The ids that the settings name: of sessions, and of service clients. */
    configuredClients: ReadonlySet<ClientId>
    departures: Departures
    /** Whether a logout tells the browser to forget what it cached and stored. */
    clearsSiteData: boolean
    bearer: BearerHeader
    /** Proxies of one's own in front of the gateway. */
    proxyHops: number
    transmitter: TransmitterParts
    polls: PollDesk
    /** Who holds it administers accounts. */
    adminRole: string
    /** How long a password that was made for somebody opens the account, in ms. */
    initialPasswordMs: number
  }>

/** What only the face of a whole gateway knows. */
export type AppParts = RouteParts &
  Readonly<{
    /** The public keys as JWK Set, read anew for each request since rings rotate. */
    jwks: () => object
    /** Whose pages may make a browser send writes. */
    origins: Origins
    statusLists: StatusLists
    metadata: Readonly<{
      /** The `iss` of tokens. */
      issuer: string
      /** Stands before every path of the gateway. */
      baseUrl: string
      /** Whether tokens are in status lists. */
      listsTokens: boolean
      audience: readonly string[]
      /** Of tokens that are good now; read anew, since rings rotate. */
      algorithms: () => readonly string[]
    }>
  }>
