import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { MongoClient } from 'mongodb'
import { systemEntropy } from '../../shared/kernel/entropy.ts'
import type { Lifecycle } from '../../shared/kernel/lifecycle.ts'
import { freePort } from '../../test/support/servers/server-process.ts'
import { addUser } from './add-user.ts'
import { startCurfew } from './curfew-process.ts'
import { tempFolder } from './temp-folder.ts'

type Settings = Readonly<Record<string, string>>
export type Fleet = Readonly<{
  gatewayUrl: string
  ordersUrl: string
  gatewaySettings: Settings
  ordersSettings: Settings
  /** As `ordersSettings`, for a guard that reads the projector's `GET /feed`. */
  sseSettings: Settings
  /** Free to be used by the bench, and removed with the fleet's own. */
  scratch: Readonly<{ topic: string; database: string }>
}>
type Where = Readonly<{ brokers: readonly string[]; mongoUrl: string }>

/** A server of the user must look afterwards as it did before. */
const removeAll = async ({ brokers, mongoUrl }: Where, name: string): Promise<void> => {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(name))
  if (topics.length > 0) await admin.deleteTopics({ topics })
  await admin.disconnect()
  const client = new MongoClient(mongoUrl)
  for (const database of [name, `${name}-raw`]) await client.db(database).dropDatabase()
  await client.close()
}

/** A gateway alone, with topics and a database of its own. */
export type ScaleGateway = Readonly<{
  url: string
  pid: number
  /** Of the database, and the beginning of every topic’s. */
  name: string
  /** What every service of the fleet has. */
  shared: Settings
  settings: Settings
  secret: string
  scratch: Fleet['scratch']
}>

export const startGateway = async (parts: Lifecycle, where: Where): Promise<ScaleGateway> => {
  const name = `bench-${systemEntropy.bytes(4).toString('hex')}`
  const folder = await parts.use(tempFolder())
  await parts.use({ close: () => removeAll(where, name) })
  const port = await freePort()
  const secret = systemEntropy.bytes(24).toString('base64url')
  const shared = {
    CURFEW_DATA_DIR: folder.path,
    CURFEW_KEYS_DIR: join(folder.path, 'keys'),
    CURFEW_KAFKA_BROKERS: where.brokers.join(','),
    CURFEW_KAFKA_TOPIC_PREFIX: `${name}-`,
    CURFEW_MONGODB_URL: where.mongoUrl,
    CURFEW_MONGODB_DATABASE: name,
    // SecantusDB is slow: a time-out would end the run, and is not what is measured.
    CURFEW_STORE_TIMEOUT: '10s',
    CURFEW_PUBLIC_URL: `http://localhost:${port}`,
  }
  const settings = {
    ...shared,
    CURFEW_PORT: String(port),
    CURFEW_SERVICE_CLIENTS: `orders:${secret}:introspect`,
  }
  const url = `http://127.0.0.1:${port}`
  const gateway = await parts.use(startCurfew('gateway', settings))
  await gateway.readyAt(url)
  await addUser(settings, 'bench')
  const scratch = { topic: `${name}-raw`, database: `${name}-raw` }
  return { url, pid: gateway.pid, name, shared, settings, secret, scratch }
}

/**
 * Gateway, projector and orders as processes of their own, with topics and a database of their own.
 */
export const startFleet = async (parts: Lifecycle, where: Where): Promise<Fleet> => {
  const gateway = await startGateway(parts, where)
  const { url: gatewayUrl, shared, settings: gatewaySettings, secret, scratch } = gateway
  const [ordersPort, projectorPort] = [await freePort(), await freePort()]
  const ordersSettings = {
    ...shared,
    CURFEW_ORDERS_PORT: String(ordersPort),
    CURFEW_GATEWAY_URL: gatewayUrl,
    CURFEW_INTROSPECT_CLIENT_ID: 'orders',
    CURFEW_INTROSPECT_CLIENT_SECRET: secret,
  }
  const projectorSettings = {
    ...shared,
    CURFEW_PORT: String(projectorPort),
    CURFEW_SERVICE_CLIENTS: `orders:${secret}:feed`,
    CURFEW_FEED_READERS_MAX: '2000',
  }
  const sseSettings = {
    ...ordersSettings,
    CURFEW_FEED: 'sse',
    CURFEW_FEED_URL: `http://127.0.0.1:${projectorPort}/feed`,
    CURFEW_FEED_CLIENT_ID: 'orders',
    CURFEW_FEED_CLIENT_SECRET: secret,
  }
  const projector = await parts.use(startCurfew('projector', projectorSettings))
  const orders = await parts.use(startCurfew('orders', ordersSettings))
  const ordersUrl = `http://127.0.0.1:${ordersPort}`
  await Promise.all([
    projector.readyAt(`http://127.0.0.1:${projectorPort}`),
    orders.readyAt(ordersUrl),
  ])
  return { gatewayUrl, ordersUrl, gatewaySettings, ordersSettings, sseSettings, scratch }
}
