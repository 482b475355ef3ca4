import type { MacRing } from 'curfew-guard/kafka'
import { memoize } from '../../shared/kernel/memoize.ts'
import { logReaderCredentials } from '../../shared/tokens/key-rings/index.ts'
import type { OrdersConfig } from './config.ts'
import type { FeedKind } from './feed-settings.ts'

export type Credential = Readonly<{ clientId: string; secret: string }>

/** The same options, with what `credential` says whenever they are read. */
export const withCredential = <Options extends object>(
  options: Options,
  credential: () => Credential,
): Options & Credential => ({
  ...options,
  get clientId() {
    return credential().clientId
  },
  get secret() {
    return credential().secret
  },
})

/** By the ring of the log: another one once its keys are others. */
const derivedCredential = (ring: MacRing): (() => Credential) =>
  memoize(
    () => ring.keys,
    () => {
      const [active] = logReaderCredentials(ring)
      return { clientId: active?.id ?? '', secret: active?.secret ?? '' }
    },
  )

export const credentialOf = (
  config: OrdersConfig,
  feedKind: FeedKind,
  ring: MacRing | null,
): (() => Credential) | null => {
  const { introspectClient: clientId, introspectSecret: secret, feedClient, feedSecret } = config
  if (clientId !== null && secret !== null) return () => ({ clientId, secret })
  if (feedKind === 'sse' && feedClient !== null && feedSecret !== null) {
    return () => ({ clientId: feedClient, secret: feedSecret })
  }
  return ring ? derivedCredential(ring) : null
}
