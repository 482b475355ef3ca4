import { notRun } from '../../support/not-run.ts'
import { type Fleet, type Member, type User, withFleet } from '../../support/processes/fleet.ts'
import { loggedIn, type Visitor } from '../../support/requests/visitor.ts'
import { type KafkaOperator, openOperator } from '../../support/servers/kafka-operator.ts'
import { type OwnServers, startOwnServers } from '../../support/servers/own-servers.ts'
import { freePort } from '../../support/servers/server-process.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { isInView } from '../../support/views/view-of.ts'

type Site = Readonly<{
  servers: OwnServers
  fleet: Fleet
  user: User
  gateway: Member
  /** The gateway, started once more. */
  again: () => Promise<Member>
  metricsUrl: string
  projector: Member
  /** Denies what it cannot prove to be fresh. */
  orders: Member
  operator: KafkaOperator
  /** The name of `auth.revocations` on the broker. */
  topic: string
}>

const onSite = (servers: OwnServers, work: (site: Site) => Promise<void>): Promise<void> =>
  withFleet(servers.scale, async (fleet) => {
    const user = await fleet.addUser('alice')
    const metricsPort = String(await freePort())
    const at = { CURFEW_PORT: String(await freePort()), CURFEW_METRICS_PORT: metricsPort }
    const gateway = await fleet.gateway(at)
    const [projector, orders] = await Promise.all([
      fleet.projector(),
      fleet.orders(gateway, { CURFEW_ON_STALE: 'deny' }),
    ])
    const operator = await openOperator(servers.scale.brokers)
    const topic = `${fleet.env['CURFEW_KAFKA_TOPIC_PREFIX']}auth.revocations`
    const metricsUrl = `http://127.0.0.1:${metricsPort}/metrics`
    try {
      const again = (): Promise<Member> => fleet.gateway(at)
      const people = { servers, fleet, user, operator, topic }
      await work({ ...people, gateway, again, metricsUrl, projector, orders })
    } finally {
      await operator.close()
    }
  })

type Ready = Readonly<{ ready: boolean; status: string; parts: Record<string, string> }>

const readiness = async ({ url }: Member): Promise<Ready> =>
  (await (await fetch(`${url}/readyz`)).json()) as Ready

const logSays = (member: Member, pattern: RegExp): Promise<void> =>
  until(`${member.name} says ${pattern} of its log`, async () => {
    const { ready, parts } = await readiness(member)
    return ready && pattern.test(parts['log'] ?? '')
  })

const statusOfLogout = async (visitor: Visitor, gateway: Member): Promise<string | null> => {
  const { status, headers } = await visitor.post(`${gateway.url}/logout`)
  assert.is(status, 200)
  return headers.get('revocation-status')
}

/** What an operator does, and what it leaves wrong. */
type Mistake = Readonly<{
  make: (site: Site) => Promise<void>
  settings: readonly string[]
  command: RegExp
  mend: (site: Site) => Promise<void>
}>

const restarted = async ({ servers }: Site): Promise<void> => servers.kafka.restart()

/** Frozen for as long as it takes to be missed. */
const paused = async ({ servers, gateway }: Site): Promise<void> => {
  servers.kafka.freeze()
  try {
    await logSays(gateway, /does not answer/)
  } finally {
    servers.kafka.thaw()
  }
}

/** As by a broker that creates what is asked for, in the moment that nobody else looks. */
const madeAgain = async ({ gateway, projector, operator, topic }: Site): Promise<void> => {
  for (const writer of [gateway, projector]) writer.signal('SIGSTOP')
  try {
    await operator.admin.deleteTopics({ topics: [topic] })
    const settings = { 'message.timestamp.type': 'CreateTime', 'compression.type': 'gzip' }
    const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }))
    const create = { topics: [{ topic, numPartitions: 1, configEntries }] }
    await until('it is made again', () => operator.admin.createTopics(create).catch(() => false))
  } finally {
    for (const writer of [gateway, projector]) writer.signal('SIGCONT')
  }
}

const bytesAndRestart: Mistake = {
  make: async (site) => {
    await site.operator.alter(site.topic, { 'retention.bytes': '1048576' })
    await restarted(site)
  },
  settings: ['retention.bytes'],
  command: /kafka-configs\.sh .*--add-config retention\.bytes=-1/,
  mend: ({ operator, topic }) => operator.alter(topic, { 'retention.bytes': '-1' }),
}

const partitionAndPause: Mistake = {
  make: async (site) => {
    const { operator, topic } = site
    await operator.admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] })
    await paused(site)
  },
  settings: ['partitions'],
  command: /kafka-topics\.sh .*--delete --topic/,
  mend: ({ operator, topic }) => operator.admin.deleteTopics({ topics: [topic] }),
}

const anotherTopic: Mistake = {
  make: madeAgain,
  settings: ['message.timestamp.type'],
  command: /--add-config message\.timestamp\.type=LogAppendTime/,
  mend: ({ operator, topic }) =>
    operator.alter(topic, { 'message.timestamp.type': 'LogAppendTime' }),
}

const isTold = async (site: Site, { settings, command }: Mistake): Promise<void> => {
  const { gateway, metricsUrl, topic } = site
  for (const setting of settings) {
    await logSays(gateway, new RegExp(`${setting}=.*revocations are pending`))
    const metrics = await (await fetch(metricsUrl)).text()
    const line = `curfew_topic_mistakes{topic="${topic}",setting="${setting}"} 1`
    assert.ok(metrics.includes(line), metrics)
  }
  const errors = gateway
    .output()
    .split('\n')
    .filter((line) => line.includes('"level":50'))
  assert.ok(
    errors.some((line) => command.test(line)),
    errors.join('\n'),
  )
}

const provesLife = async (site: Site, gateway: Member, stayer: Visitor): Promise<Visitor> => {
  const { fleet, user } = site
  assert.is((await stayer.post(`${gateway.url}/refresh`)).status, 200, 'refreshes go on')
  const leaver = await loggedIn(fleet, gateway.url, user)
  const thief = leaver.copy()
  assert.is(await statusOfLogout(leaver, gateway), 'pending')
  assert.is((await thief.get(`${gateway.url}/me`)).status, 401)
  return thief
}

/** Answers the gateway that runs afterwards: in the middle it is killed, and another one begins. */
const survives = async (site: Site, mistake: Mistake): Promise<Member> => {
  const { fleet, gateway, projector, orders, user } = site
  const stayer = await loggedIn(fleet, gateway.url, user)
  const first = await loggedIn(fleet, gateway.url, user)
  assert.is(await statusOfLogout(first, gateway), 'acknowledged')
  await until('the guard accepts', async () => (await stayer.asks(orders.url)) === 200)
  await mistake.make(site)
  await isTold(site, mistake)
  const thieves = [await provesLife(site, gateway, stayer)]
  await until('the guard says that it is stale', async () => !(await readiness(orders)).ready)
  assert.is(await stayer.asks(orders.url), 503)
  await gateway.kill9()
  const again = await site.again()
  await logSays(again, /revocations are pending/)
  thieves.push(await provesLife(site, again, stayer))
  assert.is(await stayer.asks(orders.url), 503)
  await mistake.mend(site)
  await until('the guard is fresh again', async () => (await stayer.asks(orders.url)) === 200)
  for (const thief of thieves) {
    assert.is(await thief.asks(orders.url), 401, 'what was pending is told before')
    await until('the view has it', () => isInView(fleet, `sid:${thief.access.sid}`))
  }
  await until('nothing is wrong', async () => (await readiness(again)).status === 'ready')
  assert.is(await statusOfLogout(stayer, again), 'acknowledged')
  assert.ok(projector.isRunning() && orders.isRunning(), 'whoever reads goes on')
  return again
}

/** One after another, in one fleet: each begins where the one before was mended. */
const survivesAll = (servers: OwnServers): Promise<void> =>
  onSite(servers, async (site) => {
    let { gateway } = site
    for (const mistake of [bytesAndRestart, partitionAndPause, anotherTopic]) {
      gateway = await survives({ ...site, gateway }, mistake)
    }
  })

const servers = await startOwnServers()
if ('missing' in servers) notRun('wrong topics in a running fleet', servers.missing)
else {
  claims('wrong topics in a running fleet', {
    'a wrong topic and a blip end nobody; guards are stale until it is mended, and all goes on':
      () => survivesAll(servers),
  })
}
