import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import kafkajs, { type Admin, Kafka, logLevel } from 'kafkajs'
import type { Grant, Operation } from '../../../shared/adapters/kafka/authorization/needed-acls.ts'
import { systemEntropy } from '../../../shared/kernel/entropy.ts'
import type { Settings } from '../processes/processes.ts'
import { until } from '../until.ts'
import { brokerArgs, formattedFolder } from './kafka-server.ts'
import {
  freePort,
  type Missing,
  newDataFolder,
  onPath,
  type ServerControl,
  startServer,
} from './server-process.ts'

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs

/** One broker on which nobody may do anything but the administrator and whom it allows. */
export type AuthorizedKafka = Readonly<{
  brokers: readonly string[]
  control: ServerControl
  admin: Admin
  /** How a process of ours logs in as this user. */
  settingsOf: (user: string) => Settings
  allow: (user: string, grants: readonly Grant[]) => Promise<void>
  /** Takes it back, and nothing else. */
  forbid: (user: string, grants: readonly Grant[]) => Promise<void>
}>

const operationTypes: Readonly<Record<Operation, number>> = {
  Read: AclOperationTypes.READ,
  Write: AclOperationTypes.WRITE,
  Create: AclOperationTypes.CREATE,
  Describe: AclOperationTypes.DESCRIBE,
  DescribeConfigs: AclOperationTypes.DESCRIBE_CONFIGS,
  AlterConfigs: AclOperationTypes.ALTER_CONFIGS,
}

const entriesOf = (user: string, grants: readonly Grant[]) =>
  grants.flatMap(({ resource, name, pattern, operations }) =>
    operations.map((operation) => ({
      principal: `User:${user}`,
      host: '*',
      resourceType: resource === 'Group' ? AclResourceTypes.GROUP : AclResourceTypes.TOPIC,
      resourceName: name,
      resourcePatternType:
        pattern === 'prefixed' ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
      operation: operationTypes[operation],
      permissionType: AclPermissionTypes.ALLOW,
    })),
  )

type Plan = Readonly<{ client: number; controller: number; users: ReadonlyMap<string, string> }>

const properties = (dir: string, { client, controller, users }: Plan): string => {
  const admin = users.get('admin') ?? ''
  const known = [...users].map(([name, secret]) => `user_${name}="${secret}"`).join(' ')
  return Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `SASL_PLAINTEXT://127.0.0.1:${client},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `SASL_PLAINTEXT://127.0.0.1:${client}`,
    'listener.security.protocol.map': 'SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'SASL_PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'sasl.enabled.mechanisms': 'PLAIN',
    'sasl.mechanism.inter.broker.protocol': 'PLAIN',
    'listener.name.sasl_plaintext.plain.sasl.jaas.config':
      'org.apache.kafka.common.security.plain.PlainLoginModule required ' +
      `username="admin" password="${admin}" ${known};`,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'allow.everyone.if.no.acl.found': false,
    // The broker is nobody to its own controller, where no client can come.
    'super.users': 'User:admin;User:ANONYMOUS',
    'log.dirs': dir,
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
  })
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')
}

const operator = (brokers: string[], password: string): Admin =>
  new Kafka({
    brokers,
    clientId: 'operator',
    logLevel: logLevel.NOTHING,
    sasl: { mechanism: 'plain', username: 'admin', password },
    retry: { retries: 0 },
  }).admin()

const opened = async (brokers: string[], password: string): Promise<Admin> => {
  const admin = operator(brokers, password)
  await admin.connect()
  await admin.listTopics()
  return admin
}

/** Nothing is allowed to `users` until `allow` says so. It never outlives this process. */
export const startAuthorizedKafka = async (
  users: readonly string[],
): Promise<AuthorizedKafka | Missing> => {
  for (const command of ['java', 'mvn']) {
    if (!(await onPath(command))) return { missing: `no ${command} to start a broker with` }
  }
  const secret = (): string => systemEntropy.bytes(12).toString('hex')
  const passwords = new Map(['admin', ...users].map((name) => [name, secret()]))
  const dir = newDataFolder('kafka-acl')
  const [client, controller] = await Promise.all([freePort(), freePort()])
  const settings = join(dir, 'kraft.properties')
  await cp(await formattedFolder(), join(dir, 'data'), { recursive: true })
  const plan = { client, controller, users: passwords }
  await writeFile(settings, properties(join(dir, 'data'), plan))
  const brokers = [`127.0.0.1:${client}`]
  const password = passwords.get('admin') ?? ''
  const control = await startServer({
    command: 'java',
    args: [...(await brokerArgs()), settings],
    dir,
    ready: async () => (await opened(brokers, password)).disconnect(),
  })
  const admin = await opened(brokers, password)
  const isThere = async (entry: ReturnType<typeof entriesOf>[number]): Promise<boolean> =>
    (await admin.describeAcls(entry)).resources.length > 0
  const settle = async (user: string, grants: readonly Grant[], there: boolean): Promise<void> => {
    for (const entry of entriesOf(user, grants)) {
      await until('the broker knows', async () => (await isThere(entry)) === there)
    }
  }
  return {
    brokers,
    control,
    admin,
    settingsOf: (user) => ({
      CURFEW_KAFKA_SASL_MECHANISM: 'plain',
      CURFEW_KAFKA_USERNAME: user,
      CURFEW_KAFKA_PASSWORD: passwords.get(user) ?? '',
    }),
    allow: async (user, grants) => {
      await admin.createAcls({ acl: entriesOf(user, grants) })
      await settle(user, grants, true)
    },
    forbid: async (user, grants) => {
      await admin.deleteAcls({ filters: entriesOf(user, grants) })
      await settle(user, grants, false)
    },
  }
}
