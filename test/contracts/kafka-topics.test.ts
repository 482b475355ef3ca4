import { type KafkaLogOptions, openKafkaLog } from '../../shared/adapters/kafka/open-kafka-log.ts'
import type { LogRecord, Topic } from '../../shared/events/log-record.ts'
import { systemClock as clock } from '../../shared/kernel/clock.ts'
import { systemEntropy as entropy } from '../../shared/kernel/entropy.ts'
import { isAuthError } from '../../shared/kernel/errors.ts'
import type { EventLog } from '../../shared/ports/event-log.ts'
import { anEventRecord, aRevocationRecord, aRing, hourMs } from '../support/fakes/builders.ts'
import { Dice } from '../support/fakes/dice.ts'
import { notRun } from '../support/not-run.ts'
import { type HeardLine, heardLines } from '../support/processes/heard-lines.ts'
import { type KafkaOperator, openOperator } from '../support/servers/kafka-operator.ts'
import { isMissing, useServers } from '../support/servers/servers.ts'
import { assert, claims } from '../support/suite.ts'
import { until } from '../support/until.ts'

type Desk = Readonly<{
  operator: KafkaOperator
  prefix: string
  lines: readonly HeardLine[]
  open: (over?: Partial<KafkaLogOptions>) => Promise<EventLog>
}>

const atDesk = async (
  brokers: readonly string[],
  work: (desk: Desk) => Promise<void>,
): Promise<void> => {
  const prefix = `topics-${entropy.bytes(6).toString('hex')}.`
  const operator = await openOperator(brokers)
  const { lines, logger } = heardLines()
  const logs: EventLog[] = []
  const open: Desk['open'] = async (over = {}) => {
    const log = await openKafkaLog({
      brokers,
      clientId: 'topics',
      topicPrefix: prefix,
      clock,
      entropy,
      logger,
      ssl: false,
      sasl: null,
      revocationRetentionMs: 48 * hourMs,
      eventPartitions: 2,
      role: 'writer',
      watchEveryMs: 100,
      ...over,
    })
    logs.push(log)
    return log
  }
  try {
    await work({ operator, prefix, lines, open })
  } finally {
    await Promise.all([...logs.map((log) => log.close()), operator.close()])
  }
}

const ring = aRing()
const aRevocation = (): readonly LogRecord[] => [aRevocationRecord(ring)]
const anEvent = (): readonly LogRecord[] => [anEventRecord('somebody', 0)]

/** The log may reconnect meanwhile; what it refuses for its topic it refuses for good. */
const isTaken = async (log: EventLog, records: readonly LogRecord[]): Promise<void> =>
  until('the log takes it', () =>
    log.publish(records).then(
      () => true,
      (error: unknown) => {
        if (isAuthError(error, 'LOG_TOPIC_WRONG')) throw error
        return false
      },
    ),
  )

const isRefused = async (log: EventLog, records: readonly LogRecord[]): Promise<void> => {
  const problem = await log.publish(records).then(
    () => null,
    (error: unknown) => error,
  )
  assert.ok(isAuthError(problem, 'LOG_TOPIC_WRONG'), String(problem))
}

type Case = Readonly<{ topic: Topic; setting: string; bad: string; stops: boolean }>

const everyTopic: readonly Topic[] = ['auth.events', 'auth.revocations', 'auth.deadletters']
const cases: readonly Case[] = [
  ...everyTopic.flatMap((topic) => {
    const stops = topic === 'auth.revocations'
    return [
      { topic, setting: 'cleanup.policy', bad: 'compact', stops },
      { topic, setting: 'cleanup.policy', bad: 'compact,delete', stops },
      { topic, setting: 'message.timestamp.type', bad: 'CreateTime', stops },
      { topic, setting: 'compression.type', bad: 'zstd', stops: false },
      { topic, setting: 'compression.type', bad: 'lz4', stops: false },
      { topic, setting: 'compression.type', bad: 'snappy', stops: false },
    ]
  }),
  { topic: 'auth.revocations', setting: 'retention.ms', bad: '1', stops: true },
  { topic: 'auth.revocations', setting: 'retention.ms', bad: String(23 * hourMs), stops: true },
  { topic: 'auth.revocations', setting: 'retention.bytes', bad: '1048576', stops: true },
  { topic: 'auth.revocations', setting: 'retention.bytes', bad: '1', stops: true },
]

/** What the command says that was told; an operator types nothing else. */
const settingOf = (command: string): Readonly<Record<string, string>> => {
  const found = /--alter .*--add-config ([\w.]+)=(\S+)$/.exec(command)
  assert.ok(found, command)
  return { [found?.[1] ?? '']: found?.[2] ?? '' }
}

/** Every mistake of the table comes and goes while a log is in use. */
const proveCase = async (desk: Desk, log: EventLog, wrong: Case): Promise<void> => {
  const { operator, prefix, lines } = desk
  const topic = prefix + wrong.topic
  const seen = lines.length
  await operator.alter(topic, { [wrong.setting]: wrong.bad })
  await until(`${wrong.setting} is seen`, () => log.mistakes().length > 0)
  const [mistake] = log.mistakes()
  assert.is(log.mistakes().length, 1)
  assert.is(`${mistake?.topic} ${mistake?.setting}`, `${topic} ${wrong.setting}`)
  assert.is(mistake?.value, wrong.bad)
  assert.is(mistake?.stops, wrong.stops)
  const heard = lines.slice(seen).filter(({ message }) => message.includes(wrong.setting))
  assert.is(heard.length, 1, 'it is told once, at once')
  assert.ok(heard[0]?.message.includes(mistake?.command ?? '?'), heard[0]?.message)
  if (wrong.stops) await isRefused(log, aRevocation())
  else await isTaken(log, aRevocation())
  await isTaken(log, anEvent())
  await operator.alter(topic, settingOf(mistake?.command ?? ''))
  await until(`${wrong.setting} is mended`, () => log.mistakes().length === 0)
  await isTaken(log, [...aRevocation(), ...anEvent()])
}

const seed = process.env['TOPICS_SEED'] ?? 'any setting, any topic'

const drawn = (brokers: readonly string[]): Promise<void> =>
  atDesk(brokers, async (desk) => {
    const log = await desk.open()
    await isTaken(log, aRevocation())
    const dice = new Dice(seed)
    const left = [...cases]
    while (left.length > 0) {
      const [wrong] = left.splice(dice.below(left.length), 1)
      if (!wrong) break
      await proveCase(desk, log, wrong).catch((error: unknown) => {
        throw new Error(`seed '${seed}': ${JSON.stringify(wrong)}`, { cause: error })
      })
    }
  })

const secondPartition = (brokers: readonly string[]): Promise<void> =>
  atDesk(brokers, async ({ operator, prefix, open }) => {
    const topic = `${prefix}auth.revocations`
    const log = await open()
    const reader = await open({ role: 'reader' })
    await isTaken(log, aRevocation())
    await operator.admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] })
    for (const one of [log, reader]) {
      await until('it is seen', () =>
        one.mistakes().some(({ setting }) => setting === 'partitions'),
      )
    }
    await isRefused(log, [...aRevocation(), ...anEvent()])
    await isTaken(log, anEvent())
    await operator.admin.deleteTopics({ topics: [topic] })
    await until('it is made again', () => log.mistakes().length === 0)
    await isTaken(log, aRevocation())
    assert.is(await log.partitions('auth.revocations'), 1)
    await until('the reader sees it', () => reader.mistakes().length === 0)
  })

/** As a broker does that creates what a stranger asks for. */
const comesBack = (brokers: readonly string[]): Promise<void> =>
  atDesk(brokers, async ({ operator, prefix, open }) => {
    const topic = `${prefix}auth.revocations`
    const log = await open({ watchEveryMs: 3_600_000 })
    const revocations = { topic: 'auth.revocations', partition: 0 } as const
    for (let count = 0; count < 3; count += 1) await isTaken(log, aRevocation())
    assert.is((await log.bounds(revocations)).end, 3)
    await operator.admin.deleteTopics({ topics: [topic] })
    const configEntries = Object.entries({
      'message.timestamp.type': 'CreateTime',
      'compression.type': 'zstd',
    }).map(([name, value]) => ({ name, value }))
    await until('it is made again', () =>
      operator.admin
        .createTopics({ topics: [{ topic, numPartitions: 1, configEntries }] })
        .catch(() => false),
    )
    await until('its end is read', () =>
      log.bounds(revocations).then(
        ({ end }) => end === 0,
        () => false,
      ),
    )
    const found = log.mistakes().map(({ setting }) => setting)
    assert.equal(found.sort(), ['compression.type', 'message.timestamp.type'])
    await isRefused(log, aRevocation())
  })

const firstStarts = (brokers: readonly string[]): Promise<void> =>
  atDesk(brokers, async ({ operator, prefix, open, lines }) => {
    const topic = `${prefix}auth.revocations`
    await operator.admin.createTopics({ topics: [{ topic, numPartitions: 2 }] })
    const problem = await open({ isFirstStart: async () => true }).then(
      () => null,
      (error: unknown) => error,
    )
    assert.ok(isAuthError(problem, 'LOG_TOPIC_WRONG'), String(problem))
    assert.match(String(problem), /partitions is 2.*kafka-topics\.sh/s)
    for (const later of [
      await open({ isFirstStart: async () => false }),
      await open(),
      await open({ role: 'reader' }),
    ]) {
      assert.ok(later.mistakes().some(({ stops }) => stops))
      assert.is(later.healthy(), true)
    }
    assert.ok(lines.some(({ level, message }) => level === 'error' && /--delete/.test(message)))
  })

const { kafka } = await useServers(['kafka'])
if (isMissing(kafka)) notRun('settings of topics', kafka.missing)
else {
  const { brokers } = kafka
  claims('settings of topics on Kafka', {
    'any setting made bad in use is told and stops what it harms, and its command mends it': () =>
      drawn(brokers),
    'a second partition stops revocations, is seen by a reader, and its command mends it': () =>
      secondPartition(brokers),
    'a topic that came back with other settings is seen before its end is believed': () =>
      comesBack(brokers),
    'wrong topics refuse a first start and no other': () => firstStarts(brokers),
  })
}
