import type { Publisher } from '../../../services/gateway/publication/publisher.ts'
import { type RelayDeps, relayStep } from '../../../services/gateway/publication/relay.ts'
import { openMemoryEventLog } from '../../../shared/adapters/memory/event-log.ts'
import { openMemoryEventStore } from '../../../shared/adapters/memory/event-store.ts'
import type { LogRecord } from '../../../shared/events/log-record.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { silentLogger } from '../../../shared/kernel/logger.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import { type FakeClock, fakeClock } from '../fakes/fake-clock.ts'
import { relayOver } from '../fakes/relay-over.ts'

const tickMs = 250

/** What a log makes of a record: takes it, refuses it, or never answers. */
export type Refusal = (record: LogRecord) => AuthError | 'never' | null

export type PublisherWorld = Readonly<{
  store: EventStore
  log: EventLog
  relay: RelayDeps
  publisher: Publisher
  clock: FakeClock
  /** Keys and ids in the order in which the log took them, and how many requests came. */
  keys: string[]
  ids: string[]
  requests: () => number
  refuse: (refusal: Refusal) => void
}>

/** A relay and its publisher on memory, and a log that refuses what the test says. */
export const publisherWorld = (): PublisherWorld => {
  const clock = fakeClock()
  const store = openMemoryEventStore({ clock })
  const real = openMemoryEventLog()
  const keys: string[] = []
  const ids: string[] = []
  let requests = 0
  let refusal: Refusal = () => null
  const log: EventLog = {
    ...real,
    publish: async (records) => {
      requests += 1
      for (const record of records) {
        const why = refusal(record)
        if (why === 'never') await new Promise<void>(() => {})
        if (why instanceof AuthError) throw why
      }
      for (const { topic, key, headers } of records) {
        if (topic !== 'auth.revocations') continue
        keys.push(key)
        ids.push(headers['ce_id'] ?? '')
      }
      return real.publish(records)
    },
  }
  const relay = relayOver({ store, log, clock, logger: silentLogger })
  const { publisher } = relay
  const refuse = (next: Refusal): void => {
    refusal = next
  }
  return { store, log, relay, publisher, clock, keys, ids, requests: () => requests, refuse }
}

/** A started fleet: closed time was written once. */
export const startedWorld = async (): Promise<PublisherWorld> => {
  const made = publisherWorld()
  await relayStep(made.relay)
  await made.clock.advance(tickMs)
  return made
}
