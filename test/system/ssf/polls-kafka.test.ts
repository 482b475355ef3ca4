import { StoreClock } from '../../../services/gateway/publication/store-clock.ts'
import { PollDelivery } from '../../../services/gateway/ssf/polling/poll-delivery.ts'
import { openKafkaLog } from '../../../shared/adapters/kafka/open-kafka-log.ts'
import { openMemoryReceivers } from '../../../shared/adapters/memory/receivers.ts'
import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import { systemEntropy as entropy } from '../../../shared/kernel/entropy.ts'
import { silentLogger as logger } from '../../../shared/kernel/logger.ts'
import { aReceiver } from '../../contracts/receivers.ts'
import { anEventCheck, anEventRecord, hourMs } from '../../support/fakes/builders.ts'
import { notRun } from '../../support/not-run.ts'
import { isMissing, useServers } from '../../support/servers/servers.ts'
import { assert, claims } from '../../support/suite.ts'
import { sharedKeys } from '../../support/worlds/ssf-desk.ts'

const id = 'one'
const issuer = 'https://auth.example'
const partitions = 12
/** More than one partition's share of a window: it fills, and is read on. */
const ofOne = 300
const ofOthers = 60

const drained = async (brokers: readonly string[]): Promise<void> => {
  const log = await openKafkaLog({
    brokers,
    clientId: 'polls',
    topicPrefix: `polls-${entropy.bytes(6).toString('hex')}.`,
    clock,
    entropy,
    logger,
    ssl: false,
    sasl: null,
    revocationRetentionMs: 24 * hourMs,
    eventPartitions: partitions,
    role: 'writer',
  })
  const subjects = { all: true, rules: [] }
  const receivers = openMemoryReceivers()
  await receivers.create(aReceiver({ id, kind: 'ssf-poll', subjects, control: [], cursor: [] }))
  const store = { agree: async (_: string, value: string) => value }
  const { sets } = await sharedKeys()
  const storeClock = new StoreClock(clock)
  const events = anEventCheck()
  const ports = { receivers, log, store, sets, events, clock, storeClock, entropy, logger }
  const parts = {
    ...ports,
    meter: null,
    issuer,
    baseUrl: issuer,
    allowPrivate: false,
    hasAllSubjects: true,
  }
  const desks = [new PollDelivery(parts), new PollDelivery(parts)]
  const names = Array.from({ length: ofOthers }, (_, index) => `user-${index}`)
  await log.publish([
    ...Array.from({ length: ofOne }, (_, index) => anEventRecord('ann', index)),
    ...names.map((name, index) => anEventRecord(name, index)),
  ])
  const heard = new Set<string>()
  let acked: readonly string[] = []
  const wanted = { max: 100, returnImmediately: false, refused: new Map<string, string>() }
  const open = new AbortController().signal
  try {
    for (let turn = 0; heard.size < ofOne + ofOthers || acked.length > 0; turn += 1) {
      assert.ok(turn < 50, `${heard.size} came in ${turn} polls`)
      const desk = desks[turn % 2] ?? new PollDelivery(parts)
      const isAll = heard.size === ofOne + ofOthers
      const given = await desk.poll(id, { ...wanted, acked, max: isAll ? 0 : 100 }, open)
      acked = Object.keys(given.sets)
      for (const jti of acked) {
        assert.is(heard.has(jti), false, 'what was acknowledged does not come again')
        heard.add(jti)
      }
    }
    const stored = await receivers.get(id)
    assert.equal([stored?.acked, stored?.cursor.length], [[], partitions])
    for (const { partition, next } of stored?.cursor ?? []) {
      assert.is(next, (await log.bounds({ topic: 'auth.events', partition })).end)
    }
  } finally {
    for (const desk of desks) await desk.run(AbortSignal.abort())
    await log.close()
  }
}

const { kafka } = await useServers(['kafka'])
if (isMissing(kafka)) notRun('polls of a stream, on Kafka', kafka.missing)
else {
  claims('polls of a stream, on Kafka', {
    'at two gateways in turn get all of a log of many partitions, one fuller than a window': () =>
      drained(kafka.brokers),
  })
}
