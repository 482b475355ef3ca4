import { inspect } from 'node:util'
import { runRelay } from '../../services/gateway/publication/run-relay.ts'
import { openKafkaLog } from '../../shared/adapters/kafka/open-kafka-log.ts'
import { openMemoryEventStore } from '../../shared/adapters/memory/event-store.ts'
import type { NewCommit } from '../../shared/events/commit.ts'
import type { Topic } from '../../shared/events/log-record.ts'
import { systemClock as clock } from '../../shared/kernel/clock.ts'
import { systemEntropy as entropy } from '../../shared/kernel/entropy.ts'
import { type AuthError, isAuthError } from '../../shared/kernel/errors.ts'
import type { EventStore } from '../../shared/ports/event-store.ts'
import {
  aCommit,
  aRevocationCommit,
  aRevoked,
  aSessionState,
  aSid,
  hourMs,
  later,
} from '../support/fakes/builders.ts'
import { relayOver } from '../support/fakes/relay-over.ts'
import { setQuota } from '../support/kafka/kafka-wire.ts'
import { notRun } from '../support/not-run.ts'
import { type HeardLine, heardLines } from '../support/processes/heard-lines.ts'
import { startKafkaCluster } from '../support/servers/kafka-cluster.ts'
import { type KafkaOperator, openOperator } from '../support/servers/kafka-operator.ts'
import { startKafka } from '../support/servers/kafka-server.ts'
import { onPath } from '../support/servers/server-process.ts'
import { isMissing, useServers } from '../support/servers/servers.ts'
import { assert, type Claims, claims } from '../support/suite.ts'
import { until } from '../support/until.ts'

type Desk = Readonly<{
  store: EventStore
  operator: KafkaOperator
  publisher: ReturnType<typeof relayOver>['publisher']
  port: number
  clientId: string
  topic: (name: Topic) => string
  lines: readonly HeardLine[]
  /** How many runs of the relay ended well so far. */
  goodRuns: () => number
  failures: () => readonly Error[]
}>

const random = (): string => entropy.bytes(6).toString('hex')

/** A relay that runs on a fresh fleet's topics, with its store in memory. */
const withRelay = async (
  brokers: readonly string[],
  work: (desk: Desk) => Promise<void>,
): Promise<void> => {
  const [prefix, clientId] = [`limits-${random()}.`, `limits-${random()}`]
  const operator = await openOperator(brokers)
  const { lines, logger } = heardLines()
  const log = await openKafkaLog({
    brokers,
    clientId,
    topicPrefix: prefix,
    clock,
    entropy,
    logger,
    ssl: false,
    sasl: null,
    revocationRetentionMs: 48 * hourMs,
    eventPartitions: 2,
    role: 'writer',
  })
  const store = openMemoryEventStore({ clock })
  const parts = relayOver({ store, log, clock, logger })
  const stop = new AbortController()
  let good = 0
  const failures: Error[] = []
  const onRun = (failure: Error | null): void => {
    if (failure) failures.push(failure)
    else good += 1
  }
  const running = runRelay(parts, onRun, stop.signal)
  try {
    await until('the relay runs', () => good > 0)
    await work({
      store,
      operator,
      publisher: parts.publisher,
      port: Number(brokers[0]?.split(':').at(-1)),
      clientId,
      topic: (name) => prefix + name,
      lines,
      goodRuns: () => good,
      failures: () => failures,
    })
  } finally {
    stop.abort()
    await running
    await Promise.all([log.close(), operator.close()])
  }
}

const pending = async (store: EventStore): Promise<number> => {
  const { revocations } = await store.relayScan(100_000)
  return revocations.length
}

const append = async (store: EventStore, count: number): Promise<readonly NewCommit[]> => {
  const made = Array.from({ length: count }, (_, index) => aRevocationCommit({ at: later(index) }))
  for (const commit of made) await store.append(commit)
  return made
}

const largeRevocation = (bytes: number): NewCommit => {
  const sid = aSid()
  const revoked = aRevoked({ sid, agent: 'x'.repeat(bytes) })
  return aRevocationCommit({ session: aSessionState({ sid, status: 'dead' }), events: [revoked] })
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'fulfilled',
    (error: AuthError) => error.code,
  )

const told = (lines: readonly HeardLine[]): string =>
  lines.map(({ message, fields }) => `${message} ${String(fields['error'] ?? '')}`).join('\n')

const limitClaims = (brokers: readonly string[]): Claims => ({
  'a page that is more than max.message.bytes is published in parts': () =>
    withRelay(brokers, async ({ store, operator, topic }) => {
      await operator.alter(topic('auth.revocations'), { 'max.message.bytes': '4000' })
      await operator.alter(topic('auth.events'), { 'max.message.bytes': '3000' })
      await append(store, 200)
      await until('all are published', async () => (await pending(store)) === 0)
    }),

  'one event that is too large is told with topic, setting, value and commit, and stops nothing':
    () =>
      withRelay(brokers, async ({ store, operator, topic, publisher, goodRuns, lines }) => {
        await operator.alter(topic('auth.events'), { 'max.message.bytes': '8000' })
        const large = largeRevocation(20_000)
        await store.append(large)
        assert.type((await publisher.publish(large)).offset, 'number')
        await append(store, 50)
        await until('the others are published', async () => (await pending(store)) === 1)
        const runs = goodRuns()
        await until('closed time goes on', () => goodRuns() > runs + 1)
        const line = lines.find(({ fields }) =>
          isAuthError(fields['error'], 'LOG_RECORD_TOO_LARGE'),
        )
        assert.is(line?.fields['commit'], `${large.id.s}:${large.id.v}`)
        const text = String(line?.fields['error'])
        assert.match(text, topic('auth.events'))
        assert.match(text, /max\.message\.bytes \(now 8000\)/)
      }),

  'a revocation that its topic refuses stops closed time, and says which setting': () =>
    withRelay(brokers, async ({ store, operator, topic, publisher, goodRuns, failures }) => {
      await operator.alter(topic('auth.revocations'), { 'max.message.bytes': '100' })
      const [commit] = await append(store, 1)
      await until('the relay says so', () =>
        failures().some((error) => isAuthError(error, 'LOG_RECORD_TOO_LARGE')),
      )
      const runs = goodRuns()
      const failed = failures().length
      await until('it goes on to say so', () => failures().length > failed + 1)
      assert.is(goodRuns(), runs)
      assert.match(publisher.trouble()?.message ?? '', /max\.message\.bytes \(now 100\)/)
      assert.ok(commit)
      assert.is(await codeOf(publisher.publish(commit)), 'LOG_RECORD_TOO_LARGE')
    }),

  'a tiny quota is told, keeps nobody waiting, and everything is published all the same': () =>
    withRelay(brokers, async ({ store, port, clientId, publisher, lines }) => {
      await setQuota(port, clientId, ['producer_byte_rate', 20_000])
      try {
        await append(store, 300)
        await until('the quota is told', () => /quota/.test(told(lines)), 60_000)
        assert.is(await codeOf(publisher.publish(aCommit())), 'LOG_UNAVAILABLE')
      } finally {
        await setQuota(port, clientId, ['producer_byte_rate', null])
      }
      await until('all are published', async () => (await pending(store)) === 0, 60_000)
    }),
})

const smallRequests: Claims = {
  'a page that is more than socket.request.max.bytes is published in parts': async () => {
    const { brokers, control } = await startKafka({ 'socket.request.max.bytes': '60000' })
    try {
      await withRelay(brokers, async ({ store }) => {
        await append(store, 400)
        await until('all are published', async () => (await pending(store)) === 0, 60_000)
      })
    } finally {
      await control?.stop()
    }
  },
}

const fewReplicas: Claims = {
  'too few replicas in sync leave revocations pending, with the setting told, until they are back':
    async () => {
      const cluster = await startKafkaCluster()
      try {
        await withRelay(cluster.brokers, async ({ store, operator, topic, failures }) => {
          const all = { 'min.insync.replicas': '3' }
          for (const name of ['auth.revocations', 'auth.events'] as const) {
            await operator.alter(topic(name), all)
          }
          // The leader: the next one cannot even say where the topic ends.
          const at = { topic: topic('auth.revocations'), partition: 0 }
          const { leader } = await operator.placeOf(at)
          const { control } = cluster.node(leader)
          await control.stop()
          await append(store, 5)
          const says = () => failures().some((error) => isAuthError(error, 'LOG_REPLICAS_MISSING'))
          await until('the relay says so', says, 60_000).catch((error: Error) => {
            const [why] = failures().slice(-1)
            const cause = inspect(why?.cause, { depth: 4 })
            throw new Error(`${error.message}; it said ${String(why)}, because of ${cause}`)
          })
          assert.match(failures().map(String).join(' '), /min\.insync\.replicas/)
          await control.restart()
          await until('all are published', async () => (await pending(store)) === 0, 60_000)
        })
      } finally {
        await cluster.stop()
      }
    },
}

const { kafka } = await useServers(['kafka'])
if (isMissing(kafka)) notRun('limits of Kafka', kafka.missing)
else claims('limits of Kafka', limitClaims(kafka.brokers))
if (await onPath('java')) {
  claims('limits of a broker of our own', smallRequests)
  claims('limits of brokers of our own', fewReplicas)
} else notRun('limits of brokers of our own', 'no java to start a broker with')
