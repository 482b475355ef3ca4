import { findKafka, type KafkaServer } from './kafka-server.ts'
import { findMongo, type MongoServer } from './mongo-server.ts'
import type { Missing } from './server-process.ts'

export type { KafkaServer } from './kafka-server.ts'
export type { MongoServer } from './mongo-server.ts'
export type { Missing, ServerControl } from './server-process.ts'

export type Servers = Readonly<{ kafka: KafkaServer | Missing; mongo: MongoServer | Missing }>
export type ServerKind = keyof Servers

export const isMissing = (server: KafkaServer | MongoServer | Missing): server is Missing =>
  'missing' in server

const isRequired = (kind: ServerKind): boolean =>
  process.env['CI'] === 'true' || (process.env['REQUIRE'] ?? '').split(',').includes(kind)

const orMissing = async <Found extends KafkaServer | MongoServer>(
  kind: ServerKind,
  find: () => Promise<Found | Missing>,
): Promise<Found | Missing> => {
  const found = await find().catch((error: unknown): Missing => ({ missing: String(error) }))
  if ('missing' in found && isRequired(kind)) {
    throw new Error(`${kind} is required (REQUIRE or CI), and missing: ${found.missing}`)
  }
  return found
}

/** Remembers the answer, so that one process starts each server once and all its tests share it. */
const once = <T>(find: () => Promise<T>): (() => Promise<T>) => {
  let found: Promise<T> | null = null
  return () => {
    found ??= find()
    return found
  }
}

const finders: Readonly<{ [Kind in ServerKind]: () => Promise<Servers[Kind]> }> = {
  kafka: once(() => orMissing('kafka', findKafka)),
  mongo: once(() => orMissing('mongo', findMongo)),
}

/**
 * Real servers, started once per process; they end with it. A server that cannot be had is `{
 * missing: why }`, for the caller to say aloud; with `REQUIRE=kafka,mongo` or `CI=true` it is a
 * rejection instead.
 */
export const useServers = async <Kind extends ServerKind>(
  kinds: readonly Kind[],
): Promise<Pick<Servers, Kind>> => {
  const found = await Promise.all(kinds.map(async (kind) => [kind, await finders[kind]()] as const))
  return Object.fromEntries(found) as Pick<Servers, Kind>
}
