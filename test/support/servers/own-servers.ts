import type { Scale } from '../processes/fleet.ts'
import { findKafka } from './kafka-server.ts'
import { findMongo } from './mongo-server.ts'
import type { Missing, ServerControl } from './server-process.ts'

/** Servers that a test may hurt. */
export type OwnServers = Readonly<{ scale: Scale; kafka: ServerControl; mongo: ServerControl }>

/** Runs the synchronous part of `find` as if the variable were not set: there the finders look. */
const without = <T>(variable: string, find: () => Promise<T>): Promise<T> => {
  const given = process.env[variable]
  delete process.env[variable]
  try {
    return find()
  } finally {
    if (given !== undefined) process.env[variable] = given
  }
}

/**
 * Kafka and MongoDB of this process alone, also when the environment names some: those of the run
 * are shared by its files, and those of a person are not ours to stop.
 */
export const startOwnServers = async (): Promise<OwnServers | Missing> => {
  const [kafka, mongo] = await Promise.all([
    without('CURFEW_KAFKA_BROKERS', findKafka),
    without('CURFEW_MONGODB_URL', findMongo),
  ])
  if ('missing' in kafka) return kafka
  if ('missing' in mongo) return mongo
  if (!kafka.control || !mongo.control) return { missing: 'the servers are not our own' }
  const scale = { brokers: kafka.brokers, mongoUrl: mongo.url }
  return { scale, kafka: kafka.control, mongo: mongo.control }
}
