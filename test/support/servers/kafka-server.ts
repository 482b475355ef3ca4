import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

export const kafkaVersion = '4.1.0'

export type KafkaServer = Readonly<{
  brokers: readonly string[]
  /** `null` for a broker of the user: tests that hurt the broker say that they were not run. */
  control: ServerControl | null
  /**
   * A second listener that advertises `listen`: a proxy there carries every connection of a
   * client.
   */
  proxied: Readonly<{ listen: number; target: number }> | null
}>

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>dev.curfew</groupId><artifactId>broker</artifactId><version>1</version><dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId>
<version>${kafkaVersion}</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId>
<version>1.7.36</version></dependency></dependencies></project>`

/**
 * Built aside and renamed, so that of two processes that begin at once neither sees half a
 * folder.
 */
export const madeOnce = async (
  folder: string,
  make: (aside: string) => Promise<void>,
): Promise<string> => {
  if (existsSync(folder)) return folder
  await mkdir(join(folder, '..'), { recursive: true })
  const aside = await mkdtemp(`${folder}.`)
  await make(aside)
  await rename(aside, folder).catch(() => rm(aside, { recursive: true, force: true }))
  return folder
}

export const kafkaJars = (): Promise<string> =>
  madeOnce(cacheFolder(`kafka-${kafkaVersion}`, 'jars'), async (aside) => {
    const project = await mkdtemp(join(tmpdir(), 'curfew-pom-'))
    await writeFile(join(project, 'pom.xml'), pom)
    const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${aside}`]
    await run('mvn', ['-q', '-B', '-f', join(project, 'pom.xml'), ...goal], 300_000)
    await rm(project, { recursive: true, force: true })
  })

type Ports = Readonly<{ client: number; controller: number; target: number; listen: number }>

const properties = (
  dir: string,
  { client, controller, target, listen }: Ports,
  over: Readonly<Record<string, string>> = {},
): string =>
  Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners:
      `PLAINTEXT://127.0.0.1:${client},PROXIED://127.0.0.1:${target},` +
      `CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${client},PROXIED://127.0.0.1:${listen}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': dir,
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    // A broker that comes back after kill -9 is refused until its old session ended.
    'broker.session.timeout.ms': 2000,
    'broker.heartbeat.interval.ms': 500,
    ...over,
  })
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')

/** How a broker is run: what it compiles well is soon over, and little memory is left for it. */
const plainJvm = ['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto']

/** A formatted, empty log folder holds no port, so one is made once and copied. */
const formatted = (classpath: string): Promise<string> =>
  madeOnce(cacheFolder(`kafka-${kafkaVersion}`, 'formatted'), async (aside) => {
    const settings = join(aside, 'format.properties')
    const ports = { client: 19092, controller: 19093, target: 19094, listen: 19095 }
    await writeFile(settings, properties(aside, ports))
    const tool = ['kafka.tools.StorageTool', 'format', '-t', 'Y3VyZmV3LXRlc3QtYnJrcg']
    await run('java', ['-cp', classpath, ...tool, '-c', settings], 60_000)
    await rm(settings)
  })

export const formattedFolder = async (): Promise<string> => formatted(join(await kafkaJars(), '*'))

/**
 * Classes of a broker as the JVM keeps them, of one that started and was ended: a start takes two
 * thirds of the processor's time with them. Another JVM starts without.
 */
const keptClasses = (classpath: string): Promise<string> =>
  madeOnce(cacheFolder(`kafka-${kafkaVersion}`, 'classes'), async (aside) => {
    const keep = `-XX:ArchiveClassesAtExit=${join(aside, 'broker.jsa')}`
    const { control } = await startNode([...plainJvm, keep, '-cp', classpath, 'kafka.Kafka'])
    await control?.stop()
  })

/** The arguments of `java` up to the broker's settings. */
export const brokerArgs = async (
  more: readonly string[] = plainJvm,
): Promise<readonly string[]> => {
  const classpath = join(await kafkaJars(), '*')
  const archive = join(await keptClasses(classpath), 'broker.jsa')
  return [...more, `-XX:SharedArchiveFile=${archive}`, '-cp', classpath, 'kafka.Kafka']
}

/** Metadata v1 for no topic: a broker that lists itself is registered and serves. */
const metadataRequest = Buffer.from([
  ...[0, 0, 0, 14],
  ...[0, 3, 0, 1, 0, 0, 0, 1, 0xff, 0xff],
  ...[0, 0, 0, 0],
])

const answers = (port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(metadataRequest))
    socket.setTimeout(1_000, () => socket.destroy(new Error('no answer')))
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('closed')))
    socket.once('data', (data) => {
      if (data.length >= 12 && data.readInt32BE(8) > 0) resolve()
      socket.destroy()
    })
  })

type Over = Readonly<Record<string, string>>

const startNode = async (java: readonly string[], over: Over = {}): Promise<KafkaServer> => {
  const template = await formattedFolder()
  const dir = newDataFolder('kafka')
  const [client, controller, target, listen] = await Promise.all([
    freePort(),
    freePort(),
    freePort(),
    freePort(),
  ])
  const settings = join(dir, 'kraft.properties')
  await cp(template, join(dir, 'data'), { recursive: true })
  const ports = { client, controller, target, listen }
  await writeFile(settings, properties(join(dir, 'data'), ports, over))
  const control = await startServer({
    command: 'java',
    args: [...java, settings],
    dir,
    ready: () => answers(client),
  })
  return { brokers: [`127.0.0.1:${client}`], control, proxied: { listen, target } }
}

/**
 * One KRaft node of Apache Kafka on free ports; it starts in about 4 s once the jars are there.
 * `over` are settings of the broker.
 */
export const startKafka = async (over: Over = {}): Promise<KafkaServer> =>
  startNode(await brokerArgs(), over)

/** The user's broker (`CURFEW_KAFKA_BROKERS`), else one of our own, else why there is none. */
export const findKafka = async (): Promise<KafkaServer | Missing> => {
  const given = process.env['CURFEW_KAFKA_BROKERS']
  if (given) {
    const brokers = given.split(',').map((broker) => broker.trim())
    return { brokers, control: null, proxied: null }
  }
  for (const command of ['java', 'mvn']) {
    if (!(await onPath(command))) {
      return { missing: `no CURFEW_KAFKA_BROKERS, and no ${command} to start a broker with` }
    }
  }
  return startKafka()
}
