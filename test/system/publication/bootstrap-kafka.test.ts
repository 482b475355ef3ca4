/**
 * Goal: one good address among the bad is enough, wherever it stands. Method: ports that behave as
 * wrong addresses do, beside a real broker, in an order that is drawn.
 */
import { findBroker } from '../../../shared/adapters/kafka/client/find-broker.ts'
import { watchedSockets } from '../../../shared/adapters/kafka/client/watched-sockets.ts'
import { openKafkaLog } from '../../../shared/adapters/kafka/open-kafka-log.ts'
import { kafkaRevocationFeed } from '../../../shared/guard-kafka/kafka-revocation-feed.ts'
import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import { systemEntropy } from '../../../shared/kernel/entropy.ts'
import { Lifecycle } from '../../../shared/kernel/lifecycle.ts'
import { silentLogger as logger } from '../../../shared/kernel/logger.ts'
import { type BadKind, badAddress, badKinds } from '../../support/fakes/bad-address.ts'
import { aRevocationRecord, aRing, hourMs } from '../../support/fakes/builders.ts'
import { seededEntropy } from '../../support/fakes/seeded-entropy.ts'
import { notRun } from '../../support/not-run.ts'
import { isMissing, useServers } from '../../support/servers/servers.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

const ring = aRing()
const seed = systemEntropy.bytes(4).toString('hex')

const within = async (work: (parts: Lifecycle) => Promise<void>): Promise<void> => {
  const parts = new Lifecycle()
  try {
    await work(parts)
  } finally {
    await parts.close()
  }
}

const bad = async (parts: Lifecycle, kind: BadKind) => parts.use(await badAddress(kind))

const find = async (brokers: readonly string[], entropy = systemEntropy): Promise<string> => {
  const sockets = watchedSockets(clock)
  try {
    return await findBroker({ brokers, ssl: false, hasLogin: false, sockets, clock, entropy })
  } finally {
    sockets.cutAll('over')
  }
}

const everyKindAndPlace = (good: string): Promise<void> =>
  within(async (parts) => {
    const entropy = seededEntropy(seed)
    for (const kind of badKinds) {
      const others = [await bad(parts, kind), await bad(parts, kind)].map(({ address }) => address)
      for (let place = 0; place <= others.length; place += 1) {
        const brokers = [...others.slice(0, place), good, ...others.slice(place)]
        assert.is(await find(brokers, entropy), good, `${kind}, place ${place}, seed ${seed}`)
      }
    }
  })

const failsWithReasons = (): Promise<void> =>
  within(async (parts) => {
    const wrong = await Promise.all(badKinds.map((kind) => bad(parts, kind)))
    const error = await find(wrong.map(({ address }) => address)).catch((thrown: Error) => thrown)
    assert.instance(error, Error)
    for (const { address } of wrong) assert.match(String(error), address)
    assert.match(String(error), 'does not speak Kafka')
    assert.match(String(error), 'ECONNREFUSED')
  })

const beginsAnywhere = (good: string): Promise<void> =>
  within(async (parts) => {
    const entropy = seededEntropy(seed)
    const wrong = await bad(parts, 'closes')
    for (let round = 0; round < 40; round += 1) await find([wrong.address, good], entropy)
    const tried = wrong.tried()
    assert.ok(tried > 0 && tried < 40, `the first of two was tried ${tried} times of 40`)
  })

/** Admin, producer, consumer and a guard's thread, all by a list whose order is drawn. */
const everyClient = (good: string): Promise<void> =>
  within(async (parts) => {
    const entropy = seededEntropy(seed)
    const wrong = await Promise.all(badKinds.map((kind) => bad(parts, kind)))
    const place = 1 + ((entropy.bytes(1)[0] ?? 0) % wrong.length)
    const addresses = wrong.map(({ address }) => address)
    const brokers = [...addresses.slice(0, place), good, ...addresses.slice(place)]
    const topicPrefix = `bootstrap-${systemEntropy.bytes(6).toString('hex')}.`
    const access = { brokers, topicPrefix, ssl: false, sasl: null, clientId: 'bootstrap' }
    const lasting = { revocationRetentionMs: 24 * hourMs, eventPartitions: 1 }
    const log = await parts.use(
      await openKafkaLog({
        ...{ ...access, ...lasting },
        ...{ clock, entropy, logger, role: 'writer' },
      }),
    )
    await until('the log is reached', () => log.healthy())
    const record = aRevocationRecord(ring)
    await log.publish([record])
    const feed = kafkaRevocationFeed({ ...access, logLevel: 'silent' }, ring)
    await parts.use({ close: () => feed.close() })
    const heard: string[] = []
    const nothing = (): void => {}
    const onItems: Parameters<typeof feed.open>[0]['onItems'] = (items) => {
      for (const item of items) if (item.kind === 'revocation') heard.push(item.revocation.key)
    }
    await feed.open({ onItems, onReset: nothing, onCaughtUp: nothing, onTrouble: nothing })
    await until(`the thread reads (seed ${seed})`, () => heard.includes(record.key))
  })

const { kafka } = await useServers(['kafka'])
if (isMissing(kafka)) notRun('bootstrap addresses of Kafka', kafka.missing)
else {
  const [good = ''] = kafka.brokers
  claims('the addresses of brokers', {
    'one good one is found among bad ones of each kind, wherever it stands': () =>
      everyKindAndPlace(good),
    'are told with what each of them did when none is good': failsWithReasons,
    'are tried from a random one on': () => beginsAnywhere(good),
    'connect admin, producer, consumer and a guard’s thread when one of them is good': () =>
      everyClient(good),
  })
}
