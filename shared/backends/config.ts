import { z } from 'zod'
import { groupAccessField } from '../http/key-settings.ts'
import { brokerMistakes } from '../kernel/addresses/broker-address.ts'
import { readMongoAddress } from '../kernel/addresses/mongo-address.ts'
import {
  duration,
  durationTakes,
  field,
  flag,
  flagTakes,
  listTakes,
  optional,
  text,
  type Values,
} from '../kernel/config.ts'
import { kafkaTlsFields, kafkaTlsMistakes, tlsFilesOf } from './kafka-tls-settings.ts'

const brokers: z.ZodType<readonly string[], string> = z.string().transform((given, context) => {
  const entries = given === '' ? [] : given.split(',').map((entry) => entry.trim())
  const message = brokerMistakes(entries).join('; ')
  if (message === '') return entries
  context.issues.push({ code: 'custom', input: given, message })
  return z.NEVER
})

const mongoUrl = z.string().superRefine((given, context) => {
  const address = readMongoAddress(given)
  if (!address.ok) context.addIssue({ code: 'custom', message: address.mistake })
})

/** Where events, revocations and users are kept. */
export const backendFields = {
  dataDir: field({
    env: 'CURFEW_DATA_DIR',
    schema: text(),
    otherwise: './data',
    takes: 'a folder',
    doc: 'Embedded: the LMDB files. Both: the default home of the keys.',
  }),
  groupAccess: groupAccessField,
  kafkaBrokers: field({
    env: 'CURFEW_KAFKA_BROKERS',
    schema: brokers,
    otherwise: '',
    takes: `host:port, ${listTakes}`,
    doc: 'Apache Kafka. Together with CURFEW_MONGODB_URL; without both, everything is embedded.',
  }),
  kafkaTopicPrefix: field({
    env: 'CURFEW_KAFKA_TOPIC_PREFIX',
    schema: z
      .string()
      .regex(/^[A-Za-z0-9._-]{0,100}$/, { error: 'has characters that topics must not have' }),
    otherwise: '',
    takes: 'up to 100 of A-Z a-z 0-9 . _ -',
    doc: 'Put before the names of the topics, so that several fleets share a cluster.',
  }),
  kafkaSsl: field({
    env: 'CURFEW_KAFKA_SSL',
    schema: flag,
    otherwise: 'false',
    takes: flagTakes,
    doc: 'TLS to Kafka.',
  }),
  ...kafkaTlsFields,
  kafkaSaslMechanism: optional({
    env: 'CURFEW_KAFKA_SASL_MECHANISM',
    schema: z.enum(['plain', 'scram-sha-256', 'scram-sha-512'], { error: 'is no mechanism' }),
    takes: 'plain, scram-sha-256 or scram-sha-512',
    doc: 'How to log in to Kafka; without it, no login.',
  }),
  kafkaUsername: field({
    env: 'CURFEW_KAFKA_USERNAME',
    schema: z.string(),
    otherwise: '',
    takes: 'text',
    doc: 'For SASL.',
  }),
  kafkaPassword: field({
    env: 'CURFEW_KAFKA_PASSWORD',
    schema: z.string(),
    otherwise: '',
    secret: true,
    takes: 'text',
    doc: 'For SASL.',
  }),
  mongodbUrl: optional({
    env: 'CURFEW_MONGODB_URL',
    schema: mongoUrl,
    secret: true,
    takes: 'a mongodb:// address',
    doc: 'MongoDB 7 or 8 (event store, users, blacklist view). Together with CURFEW_KAFKA_BROKERS.',
  }),
  mongodbDatabase: optional({
    env: 'CURFEW_MONGODB_DATABASE',
    schema: z.string().regex(/^[A-Za-z0-9_-]{1,63}$/, { error: 'is no database name' }),
    takes: 'a name',
    doc: 'Database; without it, the one in the address, else `curfew`.',
  }),
  storeTimeoutMs: field({
    env: 'CURFEW_STORE_TIMEOUT',
    schema: duration(100),
    otherwise: '2s',
    takes: durationTakes,
    doc: 'How long one call to MongoDB may take before the request is answered 503.',
  }),
} as const

export type BackendConfig = Values<typeof backendFields>

export const isAtScale = ({ kafkaBrokers, mongodbUrl }: BackendConfig): boolean =>
  kafkaBrokers.length > 0 && mongodbUrl !== null

/** What single fields cannot say. A reader of the log alone needs no MongoDB. */
export const backendMistakes = (config: BackendConfig, needsStore: boolean): string[] => {
  const mistakes: string[] = []
  const { kafkaBrokers, mongodbUrl, kafkaSaslMechanism, kafkaUsername, kafkaPassword } = config
  if (needsStore && kafkaBrokers.length > 0 !== (mongodbUrl !== null)) {
    mistakes.push('CURFEW_KAFKA_BROKERS and CURFEW_MONGODB_URL go together: give both or neither.')
  }
  mistakes.push(...kafkaTlsMistakes(config))
  if (kafkaSaslMechanism && (kafkaUsername === '' || kafkaPassword === '')) {
    mistakes.push(
      'CURFEW_KAFKA_SASL_MECHANISM needs CURFEW_KAFKA_USERNAME and CURFEW_KAFKA_PASSWORD.',
    )
  }
  return mistakes
}

/** So that a person sees which backend a start took without looking for it. */
export const describeBackend = (config: BackendConfig): string =>
  isAtScale(config)
    ? `Kafka ${config.kafkaBrokers.join(', ')} and MongoDB`
    : `LMDB in ${config.dataDir}`

/** The name of `auth.revocations` on the broker; `null` where the log lies beside the store. */
export const topicsOf = (config: BackendConfig): string | null =>
  isAtScale(config) ? `${config.kafkaTopicPrefix}auth.revocations` : null

/** How to reach Kafka, from the settings. */
export const kafkaAccessOf = (config: BackendConfig) => {
  const { kafkaSaslMechanism: mechanism, kafkaUsername: username, kafkaPassword: password } = config
  return {
    brokers: config.kafkaBrokers,
    topicPrefix: config.kafkaTopicPrefix,
    ssl: config.kafkaSsl,
    tlsFiles: tlsFilesOf(config),
    sasl: mechanism ? { mechanism, username, password } : null,
  }
}
