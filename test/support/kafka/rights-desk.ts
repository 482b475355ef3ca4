import {
  type Acl,
  type Grant,
  grantsFor,
  type LogRole,
  neededAcls,
} from '../../../shared/adapters/kafka/authorization/needed-acls.ts'
import { openKafkaLog } from '../../../shared/adapters/kafka/open-kafka-log.ts'
import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import { systemEntropy as entropy } from '../../../shared/kernel/entropy.ts'
import type { EventLog, Following } from '../../../shared/ports/event-log.ts'
import { anEventRecord, aRevocationRecord, aRing, hourMs } from '../fakes/builders.ts'
import { heardLines } from '../processes/heard-lines.ts'
import type { AuthorizedKafka } from '../servers/kafka-authorized.ts'

/** One user on topics of its own, and all that was said to it. */
export type RightsDesk = Readonly<{
  prefix: string
  log: EventLog
  /** What the log told, as lines. */
  told: () => readonly string[]
  /** What a process of the role does, again and again, until `close`. */
  close: () => Promise<void>
}>

const ring = aRing()
const events = { topic: 'auth.events', partition: 0 } as const
const letters = { topic: 'auth.deadletters', partition: 0 } as const
const revocations = { topic: 'auth.revocations', partition: 0 } as const
const openRoles = {
  gateway: 'writer',
  projector: 'projector',
  feed: 'projector',
  auditor: 'auditor',
  guard: 'reader',
} as const satisfies Record<LogRole, string>
const topics = ['auth.events', 'auth.revocations', 'auth.deadletters'] as const

export const freshPrefix = (): string => `rights-${entropy.bytes(6).toString('hex')}.`

/** As an administrator makes them, with what a day needs. */
export const makeTopics = async ({ admin }: AuthorizedKafka, prefix: string): Promise<void> => {
  const configEntries = [
    { name: 'message.timestamp.type', value: 'LogAppendTime' },
    { name: 'retention.bytes', value: '-1' },
    { name: 'retention.ms', value: String(24 * hourMs) },
  ]
  const made = topics.map((topic) => ({ topic: prefix + topic, numPartitions: 1, configEntries }))
  await admin.createTopics({ topics: made, waitForLeaders: false })
}

/** The rights of `role`, without one. */
export const grantsWithout = (role: LogRole, prefix: string, left: Acl | null): Grant[] => {
  const when: Acl['when'][] = left?.when === 'setup' ? ['always', 'setup'] : ['always']
  const roles: LogRole[] = role === 'feed' ? ['projector', 'feed'] : [role]
  return grantsFor({ roles, when, bootstrap: '', principal: '', prefix }).flatMap((grant) => {
    const isLeft = (operation: Grant['operations'][number]): boolean =>
      left !== null && grant.name === prefix + left.name && operation === left.operation
    const operations = grant.operations.filter((operation) => !isLeft(operation))
    return operations.length === 0 ? [] : [{ ...grant, operations }]
  })
}

const follow = (log: EventLog, group: string | null, all: boolean): Promise<Following> =>
  log.follow({
    topics: all ? ['auth.revocations', 'auth.events'] : ['auth.revocations'],
    group,
    resumeAt: async () => 0,
    onBatch: async () => {},
    onTrouble: () => {},
  })

const deadLetter = { topic: 'auth.deadletters', key: 'x', headers: {}, value: '' } as const

/** One turn of what the role does; each part may be refused. */
const turnOf = (role: LogRole, log: EventLog): readonly Promise<unknown>[] => {
  switch (role) {
    case 'gateway':
      return [
        log.publish([aRevocationRecord(ring)]).then(([at]) => log.recordAt(revocations, at ?? 0)),
        log.publish([anEventRecord('somebody', 0)]).then(([at]) => log.recordAt(events, at ?? 0)),
        log.bounds(letters),
      ]
    case 'projector':
    case 'feed':
      return [log.bounds(revocations), log.publish([deadLetter])]
    case 'auditor':
    case 'guard':
      return [log.bounds(revocations)]
  }
}

const followed = (role: LogRole, log: EventLog): readonly Promise<Following>[] => {
  switch (role) {
    case 'gateway':
      return [follow(log, null, false)]
    case 'projector':
      return [follow(log, 'curfew-projector-test', true)]
    case 'feed':
      return [follow(log, 'curfew-projector-test', true), follow(log, null, false)]
    case 'auditor':
      return [follow(log, null, true)]
    case 'guard':
      return [follow(log, null, false)]
  }
}

type Opening = Readonly<{ kafka: AuthorizedKafka; user: string; role: LogRole; prefix: string }>

/** Opens the log as `user`, and works as the role does. */
export const openRightsDesk = async (
  { kafka, user, role, prefix }: Opening,
  retentionMs = 24 * hourMs,
): Promise<RightsDesk> => {
  const { lines, logger } = heardLines()
  const password = kafka.settingsOf(user)['CURFEW_KAFKA_PASSWORD'] ?? ''
  const log = await openKafkaLog({
    brokers: kafka.brokers,
    clientId: 'rights',
    topicPrefix: prefix,
    clock,
    entropy,
    logger,
    ssl: false,
    sasl: { mechanism: 'plain', username: user, password },
    revocationRetentionMs: retentionMs,
    eventPartitions: 1,
    role: openRoles[role],
    watchEveryMs: 500,
  })
  const stop = new AbortController()
  const work = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await Promise.allSettled(turnOf(role, log))
      await clock.sleep(200, stop.signal)
    }
  }
  const following = await Promise.all(followed(role, log))
  const working = work()
  return {
    prefix,
    log,
    told: () => lines.filter(({ level }) => level !== 'debug').map(({ message }) => message),
    close: async () => {
      stop.abort()
      await Promise.all(following.map((one) => one.stop()))
      await log.close()
      await working
    },
  }
}

export const everyRight: readonly Acl[] = neededAcls
