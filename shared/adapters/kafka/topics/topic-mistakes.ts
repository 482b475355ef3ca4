import type { Topic } from '../../../events/log-record.ts'
import type { TopicMistake } from '../../../ports/event-log.ts'

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
  /** Effective settings of the topic, the broker's defaults included; empty = not to be seen. */
  settings: ReadonlyMap<string, string>
}>

/** `grave`: what is published may be lost or refused; a fleet does not begin on such a topic. */
export type FoundMistake = TopicMistake & Readonly<{ grave: boolean }>

/**
 * Curfew never creates a revocation topic that keeps less: what does is somebody else's, or was
 * meddled with.
 */
export const leastRetentionMs = 24 * 3_600_000

export const isShorter = (retentionMs: number, wantedMs: number): boolean =>
  retentionMs !== -1 && (wantedMs === -1 || retentionMs < wantedMs)

export const settingAsNumber = (text: string | undefined): number =>
  text === undefined ? Number.NaN : Number(text)

/**
 * The retention of our own topic that a longer token lifetime outgrew: to be raised, not refused.
 */
export const needsLongerRetention = (wanted: WantedTopic, found: FoundTopic): boolean => {
  const retention = settingAsNumber(found.settings.get('retention.ms'))
  return (
    wanted.retentionIsNeeded &&
    retention >= leastRetentionMs &&
    isShorter(retention, wanted.retentionMs)
  )
}

type Rule = Readonly<{
  setting: string
  wanted: string
  isGood: (value: string) => boolean
  isGrave: (value: string) => boolean
}>

const always = (): boolean => true
const never = (): boolean => false

/** Read by every version of the readers, and by other consumers, without a codec of its own. */
const plainCompressions: readonly string[] = ['producer', 'uncompressed', 'gzip']

const ruleOfEvery = (replication: number): readonly Rule[] => [
  {
    setting: 'cleanup.policy',
    wanted: 'delete',
    isGood: (value) => !value.split(',').includes('compact'),
    isGrave: always,
  },
  {
    // With CreateTime, Kafka 4 refuses every record of a gateway whose clock is an hour ahead, and
    // deletes those of one that is behind before their time.
    setting: 'message.timestamp.type',
    wanted: 'LogAppendTime',
    isGood: (value) => value === 'LogAppendTime',
    isGrave: always,
  },
  {
    setting: 'compression.type',
    wanted: 'uncompressed',
    isGood: (value) => plainCompressions.includes(value),
    isGrave: never,
  },
  {
    // More than there are: no record is ever acknowledged, whoever is in sync.
    setting: 'min.insync.replicas',
    wanted: replication >= 3 ? '2' : '1',
    isGood: (value) => settingAsNumber(value) <= replication,
    isGrave: never,
  },
]

const rulesOfRevocations = ({ retentionMs }: WantedTopic): readonly Rule[] => [
  {
    setting: 'retention.ms',
    wanted: String(retentionMs),
    isGood: (value) => !isShorter(settingAsNumber(value), retentionMs),
    // In between lies a raise that was refused: what expires too early is told again.
    isGrave: (value) => isShorter(settingAsNumber(value), leastRetentionMs),
  },
  {
    setting: 'retention.bytes',
    wanted: '-1',
    isGood: (value) => value === '-1',
    isGrave: always,
  },
]

const rulesFor = (wanted: WantedTopic, { replication }: FoundTopic): readonly Rule[] => [
  ...ruleOfEvery(replication),
  ...(wanted.retentionIsNeeded ? rulesOfRevocations(wanted) : []),
]

const mending = (bootstrap: string, name: string, setting: string, value: string): string =>
  `kafka-configs.sh --bootstrap-server ${bootstrap} --alter --entity-type topics ` +
  `--entity-name ${name} --add-config ${setting}=${value}`

const partitionMistakes = (
  { name, topic, partitions, partitionsAreFixed }: WantedTopic,
  found: FoundTopic,
  bootstrap: string,
): readonly FoundMistake[] => {
  if (!partitionsAreFixed || found.partitions === partitions) return []
  const command = `kafka-topics.sh --bootstrap-server ${bootstrap} --delete --topic ${name}`
  const value = String(found.partitions)
  const setting = { topic: name, setting: 'partitions', value, wanted: String(partitions) }
  return [{ ...setting, command, grave: true, stops: topic === 'auth.revocations' }]
}

/**
 * The settings of an existing topic that lose revocations, stop publication or cost readers; empty
 * when it is good. Pure. A partition count cannot be lowered, so the command deletes the topic: a
 * gateway creates it anew, and publishes every live revocation again under a new log id.
 */
export const topicMistakes = (
  wanted: WantedTopic,
  found: FoundTopic,
  bootstrap: string,
): readonly FoundMistake[] => {
  const { name, topic } = wanted
  const mistakes = [...partitionMistakes(wanted, found, bootstrap)]
  for (const { setting, wanted: good, isGood, isGrave } of rulesFor(wanted, found)) {
    const value = found.settings.get(setting)
    if (value === undefined || isGood(value)) continue
    const command = mending(bootstrap, name, setting, good)
    const grave = isGrave(value)
    const stops = grave && topic === 'auth.revocations'
    mistakes.push({ topic: name, setting, value, wanted: good, command, grave, stops })
  }
  return mistakes
}

export const describeMistakes = (mistakes: readonly TopicMistake[]): string =>
  mistakes
    .map(
      ({ topic, setting, value, wanted, command }) =>
        `${topic}: ${setting} is ${value}, wanted ${wanted}. Mend it with: ${command}`,
    )
    .join('\n  ')
