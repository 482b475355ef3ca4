import type { Clock } from '../kernel/clock.ts'
import { AuthError } from '../kernel/errors.ts'
import { type OnAlarm, reasonOf } from './alarm.ts'
import type { Fetch } from './bounded-fetch.ts'
import { fetchGatewayMetadata } from './gateway-metadata.ts'
import { type Introspect, remoteIntrospection } from './introspection.ts'
import { remoteKeys } from './jwks.ts'
import type { KeySource } from './key-source.ts'

export type GatewayAddress = Readonly<{
  gateway: string
  insecure: boolean
  clientId: string
  secret: string
  clock: Clock
  fetch: Fetch
  onAlarm: OnAlarm
}>

export interface FoundGateway {
  /**
   * Asks for the metadata, if it has not come yet. Rejects as `fetchGatewayMetadata` does; whoever
   * asks the keys looks again.
   */
  find(): Promise<void>
  readonly keys: KeySource
  readonly introspect: Introspect
}

/** Between two looks, however many tokens come meanwhile. */
const quietMs = 1_000

/**
 * Keys and introspection of a gateway that may not be there yet: until its metadata came there is
 * no key, so that every check is `not_ready`.
 */
export const foundGateway = (address: GatewayAddress): FoundGateway => {
  const { clock, fetch, onAlarm, clientId, secret } = address
  let found: Pick<FoundGateway, 'keys' | 'introspect'> | null = null
  let looking: Promise<void> | null = null
  let lookedAt = Number.NEGATIVE_INFINITY

  const look = async (): Promise<void> => {
    const { jwksUrl, introspectUrl } = await fetchGatewayMetadata(address)
    found = {
      keys: remoteKeys({ url: jwksUrl, clock, fetch, onAlarm }),
      introspect: remoteIntrospection({ url: introspectUrl, clientId, secret, clock, fetch }),
    }
  }
  const find = (): Promise<void> => {
    if (found !== null) return Promise.resolve()
    if (looking !== null) return looking
    lookedAt = clock.monotonicMs()
    looking = look().finally(() => {
      looking = null
    })
    return looking
  }
  const lookAgain = async (): Promise<void> => {
    if (looking !== null) return looking.catch(() => {}) // Whoever began tells of it.
    if (clock.monotonicMs() - lookedAt < quietMs) return
    await find().catch((error: unknown) =>
      onAlarm({ kind: 'keys_failed', detail: reasonOf(error) }),
    )
  }
  const keys: KeySource = {
    ready: () => found?.keys.ready() ?? false,
    get: (kid) => found?.keys.get(kid),
    refresh: async () => {
      if (found === null) await lookAgain()
      await found?.keys.refresh()
    },
  }
  return {
    find,
    keys,
    introspect: async (token, claims) => {
      if (found === null) throw new AuthError('GUARD_STALE', 'the gateway was not found yet')
      return found.introspect(token, claims)
    },
  }
}
