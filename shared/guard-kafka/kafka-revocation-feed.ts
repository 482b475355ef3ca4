import { createRequire } from 'node:module'
import type { MacRing } from '../events/record-mac.ts'
import { brokerMistakes } from '../kernel/addresses/broker-address.ts'
import { AuthError } from '../kernel/errors.ts'
import type { RevocationFeed } from '../ports/revocation-feed.ts'
import { workerRevocationFeed } from './worker-revocation-feed.ts'

export type { MacRing } from '../events/record-mac.ts'
/** The ring that the feed is given: the gateway's `log-mac.json`. */
export { type FollowedMacRing, followMacRing } from '../tokens/key-rings/index.ts'

export type KafkaFeedSettings = Readonly<{
  brokers: readonly string[]
  /** Shown to the broker. */
  clientId: string
  topicPrefix: string
  ssl: boolean
  /** PEM files, read at each connection; `null` = without. */
  tlsFiles?: Readonly<{ caFile: string | null; certFile: string | null; keyFile: string | null }>
  sasl: Readonly<{
    mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
    username: string
    password: string
  }> | null
  /** The log level of the thread, which writes to standard error too. */
  logLevel: string
}>

const isSource = import.meta.url.endsWith('.ts')
// Beside this file, as the source that it is or as what was built of it.
const entry = new URL(
  isSource ? './kafka-feed-worker.ts' : './kafka-feed-worker.cjs',
  import.meta.url,
)

/** The release that was read: what is amended of it (0044, 0046) is its own code. */
const kafkajs = 'kafkajs@2.2.4'

/** The thread could say it only in words of Node, and once for each thread. */
const demandKafkajs = (): void => {
  try {
    createRequire(import.meta.url).resolve('kafkajs')
  } catch (cause) {
    const text = `a guard that reads Kafka itself needs kafkajs: npm install ${kafkajs}`
    throw new AuthError('CONFIG_INVALID', text, { cause })
  }
}

/**
 * The feed of a guard that reads Kafka itself, in a thread: kafkajs cannot take this process down
 * with it. The thread takes the keys of a `ring` that follows its file (`followMacRing`) within a
 * second. As `workerRevocationFeed`.
 * @throws AuthError CONFIG_INVALID for `brokers` that kafkajs would never connect to, and when
 *   kafkajs is not installed
 */
export const kafkaRevocationFeed = (settings: KafkaFeedSettings, ring: MacRing): RevocationFeed => {
  const { brokers } = settings
  const mistakes = brokers.length === 0 ? ['no address is given'] : brokerMistakes(brokers)
  if (mistakes.length > 0) throw new AuthError('CONFIG_INVALID', `brokers: ${mistakes.join('; ')}`)
  demandKafkajs()
  return workerRevocationFeed({ entry, settings, ring })
}
