import type { Clock } from '../../kernel/clock.ts'
import { AuthError } from '../../kernel/errors.ts'
import type { VerifyKey } from '../../tokens/keys/index.ts'
import { errorWithCauses, type OnAlarm } from '../api/alarm.ts'
import type { Trust } from '../api/trust.ts'
import type { Fetch } from '../http-client/index.ts'
import { remoteIntrospection } from '../introspection/index.ts'
import { type KeySource, remoteKeys } from '../keys/index.ts'
import { type ConfiguredTrust, checkConfiguredTrust } from './configured-trust.ts'
import { fetchGatewayMetadata, type GatewayMetadata } from './gateway-metadata.ts'

export type GatewayAddress = Readonly<{
  gateway: string
  insecure: boolean
  clientId: string
  secret: string
  clock: Clock
  fetch: Fetch
  onAlarm: OnAlarm
  /** What the service was told, instead of what the gateway says. */
  configured: ConfiguredTrust
}>

export interface DiscoveredGateway {
  /**
   * Asks for the metadata, if it has not come yet. Rejects as `fetchGatewayMetadata` does, and with
   * CONFIG_INVALID where no token of the gateway could ever be verified; whoever asks the keys
   * looks again.
   */
  discover(): Promise<void>
  /** What the gateway said; `null` until it was found. */
  metadata(): GatewayMetadata | null
  /** What it says by now, which changes nothing here. Rejects as `fetchGatewayMetadata` does. */
  fetchMetadata(): Promise<GatewayMetadata>
  /** What of it stands in for what nobody told. */
  trust(): Partial<Trust>
  readonly keys: KeySource
  readonly introspect: ReturnType<typeof remoteIntrospection>
}

/** Between two looks, however many tokens come meanwhile. */
const quietMs = 1_000

/** Keys of other algorithms are none, where the service was told which ones count. */
const onlyOf = (algorithms: readonly string[] | undefined, keys: KeySource): KeySource => {
  if (algorithms === undefined) return keys
  const known = (key: VerifyKey | undefined) =>
    key && algorithms.includes(key.alg) ? key : undefined
  return { ...keys, get: (kid) => known(keys.get(kid)) }
}

/**
 * Keys and introspection of a gateway that may not be there yet: until its metadata came there is
 * no key, so that every check is `not_ready`.
 */
export const discoveredGateway = (address: GatewayAddress): DiscoveredGateway => {
  const { clock, fetch, onAlarm, clientId, secret, configured } = address
  let found:
    | (Pick<DiscoveredGateway, 'keys' | 'introspect'> & { metadata: GatewayMetadata })
    | null = null
  let looking: Promise<void> | null = null
  let lookedAt = Number.NEGATIVE_INFINITY
  let trust: Partial<Trust> = {}

  const look = async (): Promise<void> => {
    const metadata = await fetchGatewayMetadata(address)
    checkConfiguredTrust(configured, metadata)
    trust = {
      issuer: configured.issuer ?? metadata.issuer,
      audience: configured.audience ?? metadata.audience ?? metadata.issuer,
      accept: configured.accept ?? metadata.accept ?? ['access'],
    }
    const keys = remoteKeys({ url: metadata.jwksUrl, clock, fetch, onAlarm })
    const url = metadata.introspectUrl
    found = {
      metadata,
      keys: onlyOf(configured.algorithms, keys),
      introspect: remoteIntrospection({ url, clientId, secret, clock, fetch }),
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
      onAlarm({ kind: 'keys_failed', detail: errorWithCauses(error) }),
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
    discover: find,
    metadata: () => found?.metadata ?? null,
    fetchMetadata: () => fetchGatewayMetadata(address),
    trust: () => trust,
    keys,
    introspect: async (token, claims) => {
      if (found === null) throw new AuthError('GUARD_STALE', 'the gateway was not found yet')
      return found.introspect(token, claims)
    },
  }
}
