import { join } from 'node:path'
import { systemEntropy } from '../../../shared/kernel/entropy.ts'
import type { Fleet } from '../processes/fleet.ts'
import type { Settings } from '../processes/processes.ts'
import type { KafkaCluster } from '../servers/kafka-cluster.ts'
import { type KafkaOperator, openOperator } from '../servers/kafka-operator.ts'
import type { MongoServer } from '../servers/mongo-server.ts'
import { freePort, type ServerControl } from '../servers/server-process.ts'
import { openTcpProxy, type TcpProxy } from '../servers/tcp-proxy.ts'
import { until } from '../until.ts'
import { overSse } from '../worlds/sse-orders.ts'
import { FakedClock } from './faked-clock.ts'
import type { Ground, Peer, ServiceName } from './plan.ts'
import { Service } from './service.ts'

/** What the sequences break. The servers live longer than one fleet. */
export type Servers = Readonly<{
  cluster: KafkaCluster
  mongo: MongoServer & Readonly<{ control: ServerControl }>
  ground: Ground
  clockLibrary: string | null
}>

/** Services with links to Kafka of their own, in the order of the listeners. */
export const linked = ['gateway-1', 'gateway-2', 'projector', 'guard-kafka'] as const

export type Site = Readonly<{
  fleet: Fleet
  servers: Servers
  operator: KafkaOperator
  services: ReadonlyMap<ServiceName, Service>
  links: ReadonlyMap<string, readonly TcpProxy[]>
  /** May revoke and make users; for HTTP Basic. */
  authorization: string
  /** A guard that nobody has asked yet, once it is ready. */
  newGuard: () => Promise<Readonly<{ url: string; close: () => Promise<void> }>>
  close: () => Promise<void>
}>

export const linkName = (service: ServiceName, peer: Peer): string => `${service} ${peer}`

/** Fresh within the least bound that a guard takes, so that waits are short. */
export const maxStalenessMs = 2_000

const mongoPort = ({ url }: MongoServer): number => Number(new URL(url).port)

const openLinks = async ({ cluster, mongo }: Servers, projectorPort: number) => {
  const links = new Map<string, readonly TcpProxy[]>()
  for (const [index, name] of linked.entries()) {
    const proxies = cluster.nodes.map(({ links: ports }) => {
      const link = ports[index]
      if (!link) throw new Error(`no link for ${name}`)
      return openTcpProxy({ ...link, frames: 'none' })
    })
    links.set(linkName(name, 'kafka'), await Promise.all(proxies))
    if (name === 'guard-kafka') continue
    const target = mongoPort(mongo)
    links.set(linkName(name, 'database'), [
      await openTcpProxy({ listen: 0, target, frames: 'none' }),
    ])
  }
  links.set(linkName('guard-sse', 'feed'), [
    await openTcpProxy({ listen: 0, target: projectorPort, frames: 'none' }),
  ])
  return links
}

type Ports = Readonly<Record<ServiceName, number>>

const settingsOf = (
  { fleet, links }: Pick<Site, 'fleet' | 'links'>,
  ports: Ports,
  clients: string,
): Readonly<Record<ServiceName, Settings>> => {
  const brokers = (name: ServiceName): string =>
    (links.get(linkName(name, 'kafka')) ?? []).map(({ port }) => `127.0.0.1:${port}`).join(',')
  const port = (name: ServiceName, peer: Peer): number =>
    links.get(linkName(name, peer))?.[0]?.port ?? 0
  const store = (name: ServiceName): Settings => ({
    CURFEW_KAFKA_BROKERS: brokers(name),
    CURFEW_MONGODB_URL: `mongodb://127.0.0.1:${port(name, 'database')}/?directConnection=true`,
    CURFEW_PORT: String(ports[name]),
    CURFEW_SERVICE_CLIENTS: clients,
  })
  const guard: Settings = {
    CURFEW_MAX_STALENESS: `${maxStalenessMs}ms`,
    CURFEW_GATEWAY_URL: `http://127.0.0.1:${ports['gateway-1']}`,
  }
  return {
    'gateway-1': store('gateway-1'),
    'gateway-2': store('gateway-2'),
    projector: store('projector'),
    'guard-kafka': {
      ...guard,
      CURFEW_FEED: 'kafka',
      CURFEW_KAFKA_BROKERS: brokers('guard-kafka'),
      CURFEW_ON_STALE: 'deny',
      CURFEW_ORDERS_PORT: String(ports['guard-kafka']),
    },
    'guard-sse': overSse(fleet, port('guard-sse', 'feed'), {
      ...guard,
      CURFEW_ON_STALE: 'introspect',
      CURFEW_ORDERS_PORT: String(ports['guard-sse']),
    }),
  }
}

const commandOf = (name: ServiceName): string =>
  name.startsWith('gateway') ? 'gateway' : name.startsWith('guard') ? 'orders' : name

const allPorts = async (): Promise<Ports> => ({
  'gateway-1': await freePort(),
  'gateway-2': await freePort(),
  projector: await freePort(),
  'guard-kafka': await freePort(),
  'guard-sse': await freePort(),
})

/** Two gateways, a projector with a feed, a guard on Kafka and one on the feed; all ready. */
export const openSite = async (
  fleet: Fleet,
  servers: Servers,
  onEnd: (said: string) => void,
): Promise<Site> => {
  const ports = await allPorts()
  const links = await openLinks(servers, ports.projector)
  const secret = systemEntropy.bytes(18).toString('base64url')
  fleet.keepSecret(secret)
  const clients = `${fleet.env['CURFEW_SERVICE_CLIENTS']},storm:${secret}:users+revoke`
  const settings = settingsOf({ fleet, links }, ports, clients)
  const services = new Map<ServiceName, Service>()
  for (const name of Object.keys(settings) as ServiceName[]) {
    const clock = await FakedClock.open(join(fleet.dir, 'clocks'), name, servers.clockLibrary)
    const start = () => fleet.command([commandOf(name)], { ...settings[name], ...clock.env })
    const url = `http://127.0.0.1:${ports[name]}`
    services.set(name, new Service({ name, url, clock, start, onEnd }))
  }
  for (const service of services.values()) {
    service.up()
    const isReady = async () => (await service.readiness())?.ready === true
    // The first gateway makes keys and topics, and the others find them.
    if (service.name === 'gateway-1') await until(`${service.name} is ready`, isReady, 60_000)
  }
  for (const service of services.values()) {
    const isReady = async () => (await service.readiness())?.ready === true
    await until(`${service.name} is ready`, isReady, 60_000)
  }
  const operator = await openOperator(servers.cluster.brokers)
  return {
    fleet,
    servers,
    operator,
    services,
    links,
    authorization: `Basic ${Buffer.from(`storm:${secret}`).toString('base64')}`,
    newGuard: async () => {
      const url = `http://127.0.0.1:${ports['gateway-1']}`
      const member = await fleet.orders(
        { url },
        {
          CURFEW_FEED: 'kafka',
          CURFEW_ON_STALE: 'deny',
          CURFEW_MAX_STALENESS: `${maxStalenessMs}ms`,
        },
      )
      return { url: member.url, close: () => member.kill9() }
    },
    close: async () => {
      await Promise.all([...services.values()].map((service) => service.close()))
      await operator.close()
      await Promise.all([...links.values()].flat().map((link) => link.close()))
    },
  }
}
