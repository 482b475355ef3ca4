import type { Scale } from './processes/fleet.ts'
import { isMissing, useServers } from './servers/servers.ts'

export type FoundScale = Readonly<{ scale: Scale }> | Readonly<{ missing: string }>

/**
 * Kafka and MongoDB for fleets that leave them whole; topics and databases are each fleet's own.
 */
export const findScale = async (): Promise<FoundScale> => {
  const { kafka, mongo } = await useServers(['kafka', 'mongo'])
  if (isMissing(kafka)) return kafka
  if (isMissing(mongo)) return mongo
  return { scale: { brokers: kafka.brokers, mongoUrl: mongo.url } }
}
