/**
 * Goal: no codec and no foreign record blinds a reader. Method: a real broker recompresses what is
 * written, and takes what a foreign producer may send; every kind of reader reads on behind it.
 */
import { startProjector } from '../../../services/projector/projector.ts'
import { openKafkaLog } from '../../../shared/adapters/kafka/open-kafka-log.ts'
import { logRevocationFeed } from '../../../shared/adapters/log-feed/revocation-feed.ts'
import { openMemoryBlacklistView } from '../../../shared/adapters/memory/blacklist-view.ts'
import { openMemorySessionList } from '../../../shared/adapters/memory/session-list.ts'
import type { RawRecord } from '../../../shared/events/log-record.ts'
import { kafkaRevocationFeed } from '../../../shared/guard-kafka/kafka-revocation-feed.ts'
import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import { systemEntropy as entropy } from '../../../shared/kernel/entropy.ts'
import { Lifecycle } from '../../../shared/kernel/lifecycle.ts'
import { silentLogger as logger } from '../../../shared/kernel/logger.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { RevocationFeed } from '../../../shared/ports/revocation-feed.ts'
import {
  anEventCheck,
  anEventRecord,
  aRevocationRecord,
  aRing,
  aSid,
  hourMs,
} from '../../support/fakes/builders.ts'
import { withForeignProducer } from '../../support/kafka/foreign-producer.ts'
import { notRun } from '../../support/not-run.ts'
import { isMissing, useServers } from '../../support/servers/servers.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

const ring = aRing()
const revocations = { topic: 'auth.revocations', partition: 0 } as const
const codecs = ['uncompressed', 'gzip', 'snappy', 'lz4', 'zstd']
/** Many in one batch, so that each codec has something to refer back to. */
const perBatch = 200

type World = Readonly<{
  log: EventLog
  access: { brokers: readonly string[]; topicPrefix: string }
}>

const opened = async (parts: Lifecycle, brokers: readonly string[]): Promise<World> => {
  const topicPrefix = `foreign-${entropy.bytes(6).toString('hex')}.`
  const access = { brokers, topicPrefix, ssl: false, sasl: null, clientId: 'foreign' }
  const lasting = { revocationRetentionMs: 24 * hourMs, eventPartitions: 1 }
  const log = await openKafkaLog({
    ...{ ...access, ...lasting },
    ...{ clock, entropy, logger, role: 'writer' },
  })
  return { log: await parts.use(log), access }
}

/** What a feed told: keys of revocations, and how many records were somebody else's. */
const listening = async (parts: Lifecycle, feed: RevocationFeed) => {
  const keys = new Set<string>()
  const others: string[] = []
  const resets: string[] = []
  await parts.use({ close: () => feed.close() })
  await feed.open({
    onItems: (items) => {
      for (const item of items) {
        if (item.kind === 'revocation') keys.add(item.revocation.key)
        else others.push(item.kind)
      }
    },
    onReset: (reason) => resets.push(reason),
    onCaughtUp: () => {},
    onTrouble: () => {},
  })
  return { keys, others, resets }
}

const guards = async (parts: Lifecycle, { log, access }: World) => {
  const settings = { ...access, ssl: false, sasl: null, clientId: 'guard', logLevel: 'silent' }
  return Promise.all([
    listening(parts, kafkaRevocationFeed(settings, ring)),
    listening(parts, logRevocationFeed(log, ring)),
  ])
}

const projecting = async (parts: Lifecycle, { log }: World) => {
  const [view, sessions] = [openMemoryBlacklistView(), openMemorySessionList()]
  await parts.use(
    await startProjector({ log, view, sessions, ring, events: anEventCheck(), clock, logger }),
  )
  return view
}

const events = async (parts: Lifecycle, { log }: World): Promise<readonly RawRecord[]> => {
  const seen: RawRecord[] = []
  const following = await log.follow({
    topics: ['auth.events'],
    group: null,
    resumeAt: async () => 0,
    onBatch: async ({ records }) => void seen.push(...records),
  })
  await parts.use({ close: () => following.stop() })
  return seen
}

const within = async (work: (parts: Lifecycle) => Promise<void>): Promise<void> => {
  const parts = new Lifecycle()
  try {
    await work(parts)
  } finally {
    await parts.close()
  }
}

const readsEveryCodec = (brokers: readonly string[]): Promise<void> =>
  within(async (parts) => {
    const world = await opened(parts, brokers)
    const { log, access } = world
    const told = await guards(parts, world)
    const seen = await events(parts, world)
    await withForeignProducer(brokers, async (operator) => {
      for (const codec of codecs) {
        for (const topic of ['auth.revocations', 'auth.events']) {
          await operator.set(access.topicPrefix + topic, { 'compression.type': codec })
        }
        const batch = Array.from({ length: perBatch }, () => aRevocationRecord(ring))
        const offsets = await log.publish(batch)
        const single = aRevocationRecord(ring)
        await log.publish([single, ...batch.map((_, index) => anEventRecord(codec, index))])
        const keys = [...batch, single].map(({ key }) => key)
        for (const guard of told) {
          await until(`${codec} is read`, () => keys.every((key) => guard.keys.has(key)))
        }
        const ids = batch.map((_, index) => anEventRecord(codec, index).headers['ce_id'])
        const read = () => new Set(seen.map(({ headers }) => headers['ce_id']))
        await until(`${codec} events`, () => ids.every((id) => read().has(id)))
        const found = await log.recordAt(revocations, offsets[perBatch >> 1] ?? -1)
        assert.is(found?.key?.toString(), keys[perBatch >> 1], `${codec}: one record`)
      }
    })
    for (const { others, resets } of told) assert.equal([others, resets], [[], []])
  })

const readsBehindForeignRecords = (brokers: readonly string[]): Promise<void> =>
  within(async (parts) => {
    const world = await opened(parts, brokers)
    const { log, access } = world
    const told = await guards(parts, world)
    const view = await projecting(parts, world)
    const [ours, theirs] = ['auth.revocations', 'auth.events'].map(
      (topic) => access.topicPrefix + topic,
    )
    let foreign = 0
    const keys: string[] = []
    await withForeignProducer(brokers, async (producer) => {
      for (const codec of ['snappy', 'zstd']) {
        for (const topic of [ours ?? '', theirs ?? '']) {
          await producer.set(topic, { 'compression.type': codec })
          for (const send of [producer.bomb, producer.manyHeaders, producer.emptyHeader]) {
            await send(topic)
            foreign += 1
          }
        }
        const record = aRevocationRecord(ring, aSid())
        keys.push(record.key)
        await log.publish([record, anEventRecord('ann', foreign)])
        const offset = (await log.publish([aRevocationRecord(ring)]))[0] ?? -1
        assert.ok(await log.recordAt(revocations, offset), `${codec}: one record behind them`)
      }
    })
    for (const { keys: heard, others, resets } of told) {
      await until('a guard reads behind them', () => keys.every((key) => heard.has(key)))
      assert.equal(others, Array(foreign / 2).fill('forged'), 'one alarm each')
      assert.equal(resets, [])
    }
    const letters = async (): Promise<number> =>
      (await log.bounds({ topic: 'auth.deadletters', partition: 0 })).end
    await until('one dead letter each', async () => (await letters()) === foreign)
    await until('the view holds what is ours', async () => {
      const found = await view.find(keys as Parameters<typeof view.find>[0])
      return found.length === keys.length
    })
    assert.is(await letters(), foreign)
  })

const { kafka } = await useServers(['kafka'])
if (isMissing(kafka)) notRun('foreign batches on Kafka', kafka.missing)
else {
  claims('readers of a log on Kafka', {
    'read what the broker recompresses, in each codec': () => readsEveryCodec(kafka.brokers),
    'read on behind what bursts or stuns a decoder, at the cost of one dead letter each': () =>
      readsBehindForeignRecords(kafka.brokers),
  })
}
