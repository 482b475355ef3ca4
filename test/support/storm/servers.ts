import type { Closable } from '../../../shared/kernel/lifecycle.ts'
import { findKafkaCluster } from '../servers/kafka-cluster.ts'
import { startOwnMongo } from '../servers/mongo-server.ts'
import type { Missing } from '../servers/server-process.ts'
import { clockLibrary } from './faked-clock.ts'
import { linked, type Servers } from './site.ts'

export type StormServers = Servers & Closable

/** Expired segments go within a second, so that a lowered retention deletes while one looks. */
const settings = { 'log.retention.check.interval.ms': 1_000 }

/** Brokers and a database that nobody else has. */
export const openStormServers = async (
  brokers: 1 | 3,
  without: readonly string[] = [],
): Promise<StormServers | Missing> => {
  const library = clockLibrary()
  const cluster = await findKafkaCluster({ nodes: brokers, links: linked.length, settings })
  if ('missing' in cluster) return cluster
  const mongo = await startOwnMongo([])
  if ('missing' in mongo) return mongo
  const { control } = mongo
  if (!control) return { missing: 'the database is not our own' }
  return {
    cluster,
    mongo: { ...mongo, control },
    ground: { brokers, clocks: library !== null, without },
    clockLibrary: library,
    close: async () => {
      await Promise.all([cluster.stop(), control.kill9()])
    },
  }
}
