import { Kafka, type KafkaConfig, logLevel, type RetryOptions } from 'kafkajs'
import type { Clock } from '../../../kernel/clock.ts'
import type { Entropy } from '../../../kernel/entropy.ts'
import { AuthError } from '../../../kernel/errors.ts'
import type { Logger } from '../../../kernel/logger.ts'
import { withTimeout } from '../../../kernel/retry.ts'
import { patchDenials } from './denial-patch.ts'
import { patchFetchAnswers } from './fetch-patch.ts'
import { bootstrapOf } from './find-broker.ts'
import { patchIdleLoop } from './idle-loop-patch.ts'
import type { KafkaTlsFiles } from './tls-files.ts'
import { type WatchedSockets, watchedSockets } from './watched-sockets.ts'

export type KafkaSasl = Readonly<{
  mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  username: string
  password: string
}>

export type KafkaAccess = Readonly<{
  brokers: readonly string[]
  clientId: string
  ssl: boolean
  /** Read at each connection; without them, the authorities that Node brings. */
  tlsFiles?: KafkaTlsFiles
  sasl: KafkaSasl | null
  /** In the names of groups, so that people see whose they are. */
  fleet?: string
  clock: Clock
  entropy: Entropy
  logger: Logger
}>

export type KafkaClient = Readonly<{ kafka: Kafka; sockets: WatchedSockets }>

/** A client of its own: its connections can be cut without harm to another's. */
export const newKafkaClient = (access: KafkaAccess, retry: RetryOptions): KafkaClient => {
  patchIdleLoop()
  patchFetchAnswers()
  patchDenials()
  const { clientId, ssl, sasl, clock, logger } = access
  const sockets = watchedSockets(clock, access.tlsFiles)
  const config: KafkaConfig = {
    brokers: bootstrapOf({ ...access, hasLogin: sasl !== null, sockets }),
    clientId,
    ssl,
    ...(sasl === null ? {} : { sasl: { ...sasl } as NonNullable<KafkaConfig['sasl']> }),
    connectionTimeout: 2_000,
    authenticationTimeout: 3_000,
    requestTimeout: 5_000,
    retry,
    socketFactory: sockets.factory,
    logLevel: logLevel.WARN,
    // What matters reaches our callers as an error; kafkajs logs each of its retries as one.
    logCreator:
      () =>
      ({ namespace, log }) =>
        logger.debug({ part: `kafkajs ${namespace}` }, log.message),
  }
  return { kafka: new Kafka(config), sockets }
}

/** Says the cause too: whoever hears of it only sees the message. */
export const logUnavailable = (what: string, cause?: unknown): AuthError => {
  const why = cause instanceof Error ? ` (${cause.message})` : ''
  return new AuthError('LOG_UNAVAILABLE', `the event log did not answer: ${what}${why}`, { cause })
}

/**
 * Ends a client in good order if the broker takes part, else by force; never rejects, takes 2 s
 * at most.
 */
export const disposeOf = async (
  clock: Clock,
  { sockets }: KafkaClient,
  parts: readonly Readonly<{ disconnect(): Promise<void> }>[],
): Promise<void> => {
  const goodbye = Promise.allSettled(parts.map((part) => part.disconnect()))
  await withTimeout(clock, 2_000, goodbye, () => logUnavailable('disconnect')).catch(() => {})
  sockets.cutAll('client closed')
}
