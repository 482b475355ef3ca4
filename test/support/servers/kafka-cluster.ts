import { cp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { listedPorts } from '../kafka/kafka-wire.ts'
import { until } from '../until.ts'
import { brokerArgs, kafkaJars, kafkaVersion, madeOnce } from './kafka-server.ts'
import {
  cacheFolder,
  freePort,
  type Missing,
  newDataFolder,
  onPath,
  run,
  type ServerControl,
  startServer,
} from './server-process.ts'

/** Three nodes: the smallest number that loses one and acknowledges with two. */
const nodeIds = [1, 2, 3] as const

export type KafkaNode = Readonly<{
  id: number
  /** `host:port` of its plain listener. */
  broker: string
  control: ServerControl
  /** Further listeners: each advertises `listen`, for a proxy there. */
  links: readonly Link[]
  /** The first of them. */
  proxied: Link
}>
export type Link = Readonly<{ listen: number; target: number }>

export type KafkaCluster = Readonly<{
  brokers: readonly string[]
  nodes: readonly KafkaNode[]
  node: (id: number) => KafkaNode
  /** Resolves once every node knows every other. */
  whole: () => Promise<void>
  stop: () => Promise<void>
}>

type NodePorts = Readonly<{
  id: number
  client: number
  controller: number
  links: readonly Link[]
}>

export type ClusterPlan = Readonly<{
  /** How many nodes; with one, nothing is replicated. */
  nodes?: number
  /** How many listeners for proxies a node has. */
  links?: number
  /** More of the brokers' own settings. */
  settings?: Readonly<Record<string, string | number>>
}>

const properties = (
  { id, client, controller, links }: NodePorts,
  controllers: readonly NodePorts[],
  logs: string,
  more: Readonly<Record<string, string | number>> = {},
): string => {
  const names = links.map((_, index) => `LINK${index}`)
  const plain = (port: number): string => `PLAINTEXT://127.0.0.1:${port}`
  const linked = (port: 'target' | 'listen'): string[] =>
    links.map((link, index) => `LINK${index}://127.0.0.1:${link[port]}`)
  const replicas = controllers.length
  return Object.entries({
    'process.roles': 'broker,controller',
    'node.id': id,
    'controller.quorum.voters': controllers
      .map((one) => `${one.id}@127.0.0.1:${one.controller}`)
      .join(','),
    listeners: [plain(client), ...linked('target'), `CONTROLLER://127.0.0.1:${controller}`].join(
      ',',
    ),
    'advertised.listeners': [plain(client), ...linked('listen')].join(','),
    'listener.security.protocol.map': ['PLAINTEXT', 'CONTROLLER', ...names]
      .map((name) => `${name}:PLAINTEXT`)
      .join(','),
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': logs,
    'auto.create.topics.enable': false,
    'default.replication.factor': replicas,
    'min.insync.replicas': Math.min(2, replicas),
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    // Leaders move when a test says so, and when a node is lost: never by themselves.
    'auto.leader.rebalance.enable': false,
    // A lost node is noticed within seconds, and one that comes back need not wait for it.
    'broker.session.timeout.ms': 2000,
    'broker.heartbeat.interval.ms': 500,
    'replica.lag.time.max.ms': 3000,
    'controller.quorum.election.timeout.ms': 500,
    'controller.quorum.fetch.timeout.ms': 1000,
    'controlled.shutdown.max.retries': 1,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'log.cleaner.dedupe.buffer.size': 4_194_304,
    ...more,
  })
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')
}

/** Formatted log folders hold no port, so they are made once and copied. */
const formatted = (classpath: string): Promise<string> =>
  madeOnce(cacheFolder(`kafka-${kafkaVersion}`, 'formatted-3'), async (aside) => {
    const nodes = nodeIds.map((id) => {
      const port = 19100 + id * 10
      return { id, client: port, controller: port + 1, links: [] }
    })
    const format = async (node: NodePorts): Promise<void> => {
      const settings = join(aside, `${node.id}.properties`)
      await writeFile(settings, properties(node, nodes, join(aside, String(node.id))))
      const tool = ['kafka.tools.StorageTool', 'format', '-t', 'Y3VyZmV3LXRlc3QtdGhyZQ']
      await run('java', ['-cp', classpath, ...tool, '-c', settings], 60_000)
      await rm(settings)
    }
    for (const node of nodes) await format(node)
  })

const jvm = [
  ...['-Xms96m', '-Xmx288m', '-XX:MaxMetaspaceSize=160m', '-XX:ReservedCodeCacheSize=64m'],
  ...['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'],
]

type Made = Readonly<{ java: readonly string[]; template: string }>

const startNode = async (
  node: NodePorts,
  all: readonly NodePorts[],
  { settings: more = {} }: ClusterPlan,
  { java, template }: Made,
): Promise<KafkaNode> => {
  const { id, client, links } = node
  const dir = newDataFolder(`kafka-${id}`)
  const settings = join(dir, 'kraft.properties')
  await cp(join(template, String(id)), join(dir, 'data'), { recursive: true })
  await writeFile(settings, properties(node, all, join(dir, 'data'), more))
  const control = await startServer({
    command: 'java',
    args: [...java, settings],
    dir,
    ready: async () => {
      const listed = await listedPorts(client)
      if (!listed.includes(client)) throw new Error('it is not registered yet')
    },
  })
  const [proxied] = links
  if (!proxied) throw new Error('a node has one link at least')
  return { id, broker: `127.0.0.1:${client}`, control, links, proxied }
}

const isWhole = async (ports: readonly number[]): Promise<boolean> => {
  const lists = await Promise.all(
    ports.map((port) => listedPorts(port).catch((): readonly number[] => [])),
  )
  return lists.every((listed) => listed.length === ports.length)
}

const allPorts = async (id: number, links: number): Promise<NodePorts> => {
  const [client, controller] = await Promise.all([freePort(), freePort()])
  const linkPorts = await Promise.all(
    Array.from({ length: links }, async () => {
      const [target, listen] = await Promise.all([freePort(), freePort()])
      return { target, listen }
    }),
  )
  return { id, client, controller, links: linkPorts }
}

/**
 * KRaft nodes of Apache Kafka on free ports, each broker and controller: three without a plan,
 * replication 3, two in sync. Together they take about 700 MB; `stop` gives it back.
 */
export const startKafkaCluster = async (plan: ClusterPlan = {}): Promise<KafkaCluster> => {
  const classpath = join(await kafkaJars(), '*')
  const [template, java] = [await formatted(classpath), await brokerArgs(jvm)]
  const ids = nodeIds.slice(0, plan.nodes ?? nodeIds.length)
  const ports = await Promise.all(ids.map((id) => allPorts(id, plan.links ?? 1)))
  const nodes = await Promise.all(
    ports.map((node) => startNode(node, ports, plan, { java, template })),
  )
  const whole = (): Promise<void> =>
    until('every broker knows the others', () => isWhole(ports.map(({ client }) => client)), 60_000)
  await whole()
  return {
    brokers: nodes.map(({ broker }) => broker),
    nodes,
    node: (wanted) => {
      const found = nodes.find(({ id }) => id === wanted)
      if (!found) throw new Error(`there is no node ${wanted}`)
      return found
    },
    whole,
    stop: async () => {
      await Promise.all(nodes.map(({ control }) => control.kill9()))
    },
  }
}

/** Brokers of our own, or why there are none. */
export const findKafkaCluster = async (plan: ClusterPlan = {}): Promise<KafkaCluster | Missing> => {
  for (const command of ['java', 'mvn']) {
    if (!(await onPath(command))) return { missing: `no ${command} to start brokers with` }
  }
  return startKafkaCluster(plan)
}
