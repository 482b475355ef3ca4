import type { Topic } from '../../events/record.ts'

export type WantedTopic = Readonly<{
  topic: Topic
  /** The name on the broker. */
  name: string
  partitions: number
  /**
   * `auth.revocations`: another number of partitions would lose the one order that closed times
   * rest on.
   */
  partitionsAreFixed: boolean
  /** The least; -1 = kept for ever. */
  retentionMs: number
  /** Whether a shorter retention loses what is still needed; else it is the operator's choice. */
  retentionIsNeeded: boolean
}>

export type FoundTopic = Readonly<{
  partitions: number
  replication: number
  /** Effective settings of the topic, the broker's defaults included. */
  settings: ReadonlyMap<string, string>
}>

export type TopicMistake = Readonly<{
  topic: string
  setting: string
  value: string
  wanted: string
  /** What an operator types to mend it. */
  command: string
}>

/**
 * Curfew never creates a revocation topic that keeps less: what does is somebody else's, or was
 * meddled with.
 */
export const leastRetentionMs = 24 * 3_600_000

export const isShorter = (retentionMs: number, wantedMs: number): boolean =>
  retentionMs !== -1 && (wantedMs === -1 || retentionMs < wantedMs)

const number = (text: string | undefined): number =>
  text === undefined ? Number.NaN : Number(text)

/**
 * The retention of our own topic that a longer token lifetime outgrew: to be raised, not refused.
 */
export const needsLongerRetention = (wanted: WantedTopic, found: FoundTopic): boolean => {
  const retention = number(found.settings.get('retention.ms'))
  return (
    wanted.retentionIsNeeded &&
    retention >= leastRetentionMs &&
    isShorter(retention, wanted.retentionMs)
  )
}

type Rule = Readonly<{ setting: string; wanted: string; isGood: (value: string) => boolean }>

const rulesFor = (wanted: WantedTopic): readonly Rule[] => [
  {
    setting: 'cleanup.policy',
    wanted: 'delete',
    isGood: (value) => !value.split(',').includes('compact'),
  },
  {
    // With CreateTime, Kafka 4 refuses every record of a gateway whose clock is an hour ahead.
    setting: 'message.timestamp.type',
    wanted: 'LogAppendTime',
    isGood: (value) => value === 'LogAppendTime',
  },
  ...(wanted.retentionIsNeeded
    ? [
        {
          setting: 'retention.ms',
          wanted: String(wanted.retentionMs),
          isGood: (value: string) => !isShorter(number(value), wanted.retentionMs),
        },
        {
          setting: 'retention.bytes',
          wanted: '-1',
          isGood: (value: string) => value === '-1',
        },
      ]
    : []),
]

const mending = (bootstrap: string, name: string, setting: string, value: string): string =>
  `kafka-configs.sh --bootstrap-server ${bootstrap} --alter --entity-type topics ` +
  `--entity-name ${name} --add-config ${setting}=${value}`

/**
 * The settings of an existing topic that lose revocations or stop publication; empty when it is
 * good. Pure. A partition count cannot be lowered, so the command deletes the topic: the next start
 * creates it, and publishes every live revocation again under a new log id.
 */
export const topicMistakes = (
  wanted: WantedTopic,
  found: FoundTopic,
  bootstrap: string,
): readonly TopicMistake[] => {
  const { name } = wanted
  const mistakes: TopicMistake[] = []
  if (wanted.partitionsAreFixed && found.partitions !== wanted.partitions) {
    mistakes.push({
      topic: name,
      setting: 'partitions',
      value: String(found.partitions),
      wanted: String(wanted.partitions),
      command: `kafka-topics.sh --bootstrap-server ${bootstrap} --delete --topic ${name}`,
    })
  }
  for (const { setting, wanted: good, isGood } of rulesFor(wanted)) {
    const value = found.settings.get(setting)
    if (value === undefined || isGood(value)) continue
    const command = mending(bootstrap, name, setting, good)
    mistakes.push({ topic: name, setting, value, wanted: good, command })
  }
  return mistakes
}

/**
 * Settings that weaken a promise and that an operator may have chosen; for a warning at the
 * start. Pure.
 */
export const topicWarnings = (wanted: WantedTopic, found: FoundTopic): readonly string[] => {
  const { name } = wanted
  const warnings: string[] = []
  const { replication, settings } = found
  if (replication < 3) {
    warnings.push(`${name} has ${replication} replica(s): the loss of one disk can lose a logout`)
  } else if (number(settings.get('min.insync.replicas')) < 2) {
    warnings.push(`${name} has min.insync.replicas below 2: one broker alone may acknowledge`)
  }
  if (settings.get('unclean.leader.election.enable') === 'true') {
    warnings.push(`${name} allows unclean leader election: it can lose what was acknowledged`)
  }
  const retention = number(settings.get('retention.ms'))
  if (!wanted.retentionIsNeeded && isShorter(retention, wanted.retentionMs)) {
    warnings.push(`${name} keeps records for ${retention} ms only: older ones cannot be replayed`)
  }
  return warnings
}

export const describeMistakes = (mistakes: readonly TopicMistake[]): string =>
  mistakes
    .map(
      ({ topic, setting, value, wanted, command }) =>
        `${topic}: ${setting} is ${value}, wanted ${wanted}. Mend it with: ${command}`,
    )
    .join('\n  ')
