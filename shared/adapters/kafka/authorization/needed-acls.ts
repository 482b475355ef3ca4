import type { Topic } from '../../../events/log-record.ts'

/** As `kafka-acls.sh` spells them. Read and Write include Describe. */
export type Operation =
  | 'Read'
  | 'Write'
  | 'Create'
  | 'Describe'
  | 'DescribeConfigs'
  | 'AlterConfigs'
export type ResourceType = 'Topic' | 'Group' | 'Cluster'
export const logRoles = ['gateway', 'projector', 'feed', 'auditor', 'guard'] as const
export type LogRole = (typeof logRoles)[number]

export type Acl = Readonly<{
  role: LogRole
  resource: Exclude<ResourceType, 'Cluster'>
  /** Without the fleet's prefix, which stands before it on the broker. */
  name: Topic | 'curfew-projector-' | 'curfew-alone-'
  /** `prefixed`: every name that begins with it. */
  pattern: 'literal' | 'prefixed'
  operation: Operation
  /** `setup`: only as long as the gateways shall make and change the topics themselves. */
  when: 'always' | 'setup'
  why: string
}>

type Line = readonly [name: Acl['name'], operation: Operation, why: string]

const rightsOf = (role: LogRole, when: Acl['when'], lines: readonly Line[]): readonly Acl[] =>
  lines.map(([name, operation, why]) => {
    const isGroup = name === 'curfew-projector-' || name === 'curfew-alone-'
    const resource = isGroup ? 'Group' : 'Topic'
    return { role, resource, name, pattern: isGroup ? 'prefixed' : 'literal', operation, when, why }
  })

/**
 * What Kafka users must be allowed, and nothing more: a real broker that allows exactly these lines
 * serves every role, and without any one of them something says what it lacks (a test takes each
 * away). `feed` comes on top of `projector`.
 */
export const neededAcls: readonly Acl[] = [
  ...rightsOf('gateway', 'always', [
    ['auth.revocations', 'Write', 'publishes revocations and closed times'],
    ['auth.revocations', 'Read', 'reads back what it published last'],
    ['auth.revocations', 'DescribeConfigs', 'refuses settings that lose revocations'],
    ['auth.events', 'Write', 'publishes events'],
    ['auth.events', 'Read', 'tells receivers; reads what is to be retried'],
    ['auth.events', 'DescribeConfigs', 'warns of settings that lose events'],
    ['auth.deadletters', 'Read', 'counts and shows dead letters'],
    ['curfew-alone-', 'Read', 'reads without sharing: each reader is a group of its own'],
  ]),
  ...rightsOf('gateway', 'setup', [
    ['auth.revocations', 'Create', 'makes the topic'],
    ['auth.events', 'Create', 'makes the topic'],
    ['auth.deadletters', 'Create', 'makes the topic'],
    ['auth.deadletters', 'DescribeConfigs', 'warns of its settings'],
    ['auth.revocations', 'AlterConfigs', 'raises the retention for longer lifetimes'],
  ]),
  ...rightsOf('projector', 'always', [
    ['auth.revocations', 'Read', 'folds revocations'],
    ['auth.events', 'Read', 'folds events'],
    ['auth.deadletters', 'Write', 'parks what cannot be read'],
    ['curfew-projector-', 'Read', 'shares the partitions with other projectors'],
  ]),
  ...rightsOf('feed', 'always', [
    ['curfew-alone-', 'Read', 'reads all of the topic for `GET /feed`'],
  ]),
  ...rightsOf('auditor', 'always', [
    ['auth.revocations', 'Read', 'hears of closed times, which name the log'],
    ['auth.events', 'Read', 'makes the trail of events'],
    ['curfew-alone-', 'Read', 'reads without sharing: each auditor has all partitions'],
  ]),
  ...rightsOf('guard', 'always', [
    ['auth.revocations', 'Read', 'hears of revocations'],
    ['curfew-alone-', 'Read', 'reads without sharing: each reader is a group of its own'],
  ]),
]

export type Grant = Readonly<{
  bootstrap: string
  /** `User:name`. */
  principal: string
  resource: ResourceType
  name: string
  pattern: Acl['pattern']
  operations: readonly Operation[]
}>

/** What an operator types to allow it. */
export const grantCommand = (grant: Grant): string => {
  const { bootstrap, principal, resource, name, pattern, operations } = grant
  const named = resource === 'Cluster' ? '--cluster' : `--${resource.toLowerCase()} '${name}'`
  return [
    `kafka-acls.sh --bootstrap-server ${bootstrap} --add --allow-principal '${principal}'`,
    ...operations.map((operation) => `--operation ${operation}`),
    ...(pattern === 'prefixed' ? ['--resource-pattern-type prefixed'] : []),
    named,
  ].join(' ')
}

export type GrantsFor = Readonly<{
  roles: readonly LogRole[]
  when: readonly Acl['when'][]
  bootstrap: string
  principal: string
  /** CURFEW_KAFKA_TOPIC_PREFIX. */
  prefix: string
}>

/** The rights of one Kafka user that runs these roles, one grant a resource. */
export const grantsFor = ({ roles, when, bootstrap, principal, prefix }: GrantsFor): Grant[] => {
  const grants = new Map<string, Grant>()
  for (const right of neededAcls) {
    if (!roles.includes(right.role) || !when.includes(right.when)) continue
    const { resource, pattern, operation } = right
    const name = prefix + right.name
    const operations = new Set([...(grants.get(name)?.operations ?? []), operation])
    grants.set(name, {
      ...{ bootstrap, principal, resource, name, pattern },
      operations: [...operations],
    })
  }
  return [...grants.values()]
}
