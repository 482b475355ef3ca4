import { join } from 'node:path'
import { systemEntropy } from '../../shared/kernel/entropy.ts'
import type { FeedGuardsReply, FeedGuardsRequest } from '../load/feed-guards.ts'
import type { Bench, Finding, Scenario } from '../scenario.ts'
import { percentile } from '../statistics.ts'
import { addUser } from '../support/add-user.ts'
import { type Answer, Connection, cookieOf } from '../support/connection.ts'
import { distanceRows, type Measured, type Measures, overDistances } from '../support/distances.ts'
import { type DistantProxy, openDistantProxy } from '../support/distant-proxy.ts'
import { startEmbedded } from '../support/embedded.ts'
import { startGateway } from '../support/fleet.ts'
import { logoutAlone } from '../support/logout-probe.ts'
import { paragraph } from '../support/paragraph.ts'
import { openSeeder, type SeededSession } from '../support/session-seeder.ts'
import { sharedNowMs } from '../support/shared-clock.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { openWorker, type Worker } from '../support/worker.ts'

type Counts = Readonly<{ logouts: number; visits: number }>
const whole: Counts = { logouts: 10, visits: 3 }
const short: Counts = { logouts: 4, visits: 1 }

type Settings = Readonly<Record<string, string>>
type GuardWorker = Worker<FeedGuardsRequest, FeedGuardsReply>
type GuardPlan = Readonly<{
  gateway: Readonly<{ url: string; settings: Settings }>
  /** Of the guard, which lead through `proxy`. */
  settings: Settings
  proxy: DistantProxy
}>

/** How long one guard takes until it is ready, and how late after each logout it refuses. */
const guardOnce = async (
  worker: GuardWorker,
  { settings, gateway }: GuardPlan,
  sessions: readonly SeededSession[],
): Promise<Measures> => {
  await worker.ask({ kind: 'refused' }) // Its process has started once it answers.
  const beganMs = sharedNowMs()
  await worker.ask({ kind: 'open', settings, count: 1 })
  const ready = sharedNowMs() - beganMs
  const late: number[] = []
  for (const session of sessions) {
    await worker.ask({ kind: 'watch', token: session.access, sid: session.sid })
    const { answeredMs } = await logoutAlone(gateway.url, session)
    const { atMs } = await worker.ask({ kind: 'refused' })
    late.push(...atMs.map((ms) => ms - answeredMs))
  }
  return { ready, refused: percentile(late, 0.5) }
}

const guardRounds = async (
  bench: Bench,
  what: string,
  plan: GuardPlan,
  { logouts }: Counts,
): Promise<Measured[]> => {
  const seeder = await bench.parts.use(openSeeder(plan.gateway.settings))
  const found = await overDistances(bench, what, async (distance) => {
    const sessions = await seeder.open(logouts)
    await seeder.settled()
    plan.proxy.setRoundTrip(distance)
    const file = '../load/feed-guards.ts'
    const worker: GuardWorker = openWorker<FeedGuardsRequest, FeedGuardsReply>(file)
    try {
      return await guardOnce(worker, plan, sessions)
    } finally {
      await worker.close()
    }
  })
  plan.proxy.setRoundTrip(0)
  return found
}

/** A guard whose `curfew start` is far: its feed and its keys come over the distance. */
const guardOnSse = async ({ parts }: Bench): Promise<GuardPlan> => {
  const folder = await parts.use(tempFolder())
  const secret = systemEntropy.bytes(24).toString('base64url')
  const clients = { CURFEW_SERVICE_CLIENTS: `bench:${secret}:feed` }
  const curfew = await startEmbedded(parts, join(folder.path, 'data'), clients)
  await curfew.process.readyAt(curfew.gatewayUrl)
  const proxy = await parts.use(openDistantProxy(0, Number(new URL(curfew.gatewayUrl).port)))
  const far = `http://127.0.0.1:${proxy.port}`
  const settings = {
    ...curfew.settings,
    CURFEW_GATEWAY_URL: far,
    CURFEW_PUBLIC_URL: curfew.gatewayUrl.replace('127.0.0.1', 'localhost'),
    CURFEW_FEED: 'sse',
    CURFEW_FEED_URL: `${far}/feed`,
    CURFEW_FEED_CLIENT_ID: 'bench',
    CURFEW_FEED_CLIENT_SECRET: secret,
  }
  return { gateway: { url: curfew.gatewayUrl, settings: curfew.settings }, settings, proxy }
}

type FarServers = Readonly<{
  near: Readonly<{ brokers: readonly string[]; mongoUrl: string }>
  far: Readonly<{ brokers: readonly string[]; mongoUrl: string }>
  broker: DistantProxy
  store: DistantProxy
}>

/** Null for servers of the user: they may tell their clients addresses that lead past a proxy. */
const openFarServers = async ({ parts, servers }: Bench): Promise<FarServers | null> => {
  const { kafka, mongo } = servers
  if (!kafka?.proxied || !mongo?.control) return null
  const { listen, target } = kafka.proxied
  const broker = await parts.use(openDistantProxy(listen, target))
  const mongoUrl = new URL(mongo.url)
  const store = await parts.use(openDistantProxy(0, Number(mongoUrl.port)))
  mongoUrl.port = String(store.port)
  const near = { brokers: kafka.brokers, mongoUrl: mongo.url }
  const far = { brokers: [`127.0.0.1:${listen}`], mongoUrl: mongoUrl.href }
  return { near, far, broker, store }
}

/** A guard whose Kafka is far, and near to the gateway. */
const guardOnKafka = async (bench: Bench, servers: FarServers): Promise<GuardPlan> => {
  const gateway = await startGateway(bench.parts, servers.near)
  const settings = {
    ...gateway.shared,
    CURFEW_KAFKA_BROKERS: servers.far.brokers.join(','),
    CURFEW_GATEWAY_URL: gateway.url,
  }
  return { gateway, settings, proxy: servers.broker }
}

type Visit = Readonly<Record<'login' | 'refresh' | 'logout', number>>

const visitOf = async (url: string, credentials: string): Promise<Visit> => {
  const connection = await Connection.open(url)
  const timed = async (path: string, cookie: string, text = ''): Promise<[Answer, number]> => {
    const sentMs = sharedNowMs()
    const content = text === '' ? null : { type: 'application/json', text }
    const answer = await connection.exchange('POST', path, cookie, content)
    if (answer.status !== 200) throw new Error(`${path} was answered ${answer.status}`)
    return [answer, answer.atMs - sentMs]
  }
  try {
    const [opened, login] = await timed('/login', '', credentials)
    const [rotated, refresh] = await timed('/refresh', cookieOf(opened))
    const [, logout] = await timed('/logout', cookieOf(rotated))
    return { login, refresh, logout }
  } finally {
    connection.close()
  }
}

/** A gateway whose MongoDB and Kafka are far; its clients are near. */
const gatewayRounds = async (
  bench: Bench,
  { far, broker, store }: FarServers,
  { visits }: Counts,
): Promise<Measured[]> => {
  const gateway = await startGateway(bench.parts, far)
  const password = await addUser(gateway.settings, 'far')
  const credentials = JSON.stringify({ username: 'far', password })
  const setRoundTrip = (ms: number): void => {
    for (const proxy of [broker, store]) proxy.setRoundTrip(ms)
  }
  const found = await overDistances(bench, 'gateway', async (distance) => {
    setRoundTrip(distance)
    await visitOf(gateway.url, credentials) // Whatever is opened or cached is so by now.
    const seen: Visit[] = []
    while (seen.length < visits) seen.push(await visitOf(gateway.url, credentials))
    const names = ['login', 'refresh', 'logout'] as const
    const half = (name: keyof Visit): number =>
      percentile(
        seen.map((visit) => visit[name]),
        0.5,
      )
    return Object.fromEntries(names.map((name) => [name, half(name)]))
  })
  setRoundTrip(0)
  return found
}

const measure = async (bench: Bench): Promise<Finding> => {
  const counts = bench.quick ? short : whole
  const onSse = await guardRounds(bench, 'SSE', await guardOnSse(bench), counts)
  const servers = await openFarServers(bench)
  const onKafka = servers
    ? await guardRounds(bench, 'Kafka', await guardOnKafka(bench, servers), counts)
    : []
  const visits = servers ? await gatewayRounds(bench, servers, counts) : []
  const missing = 'Kafka and MongoDB are the user’s, so they were not put far away.'
  return {
    rows: [
      ...distanceRows(onSse, 'refused', 'logout answered → refused by a guard on SSE'),
      ...distanceRows(onSse, 'ready', 'guard on SSE ready'),
      ...distanceRows(onKafka, 'refused', 'logout answered → refused by a guard on Kafka'),
      ...distanceRows(onKafka, 'ready', 'guard on Kafka ready'),
      ...distanceRows(visits, 'login', 'login, servers'),
      ...distanceRows(visits, 'refresh', 'refresh, servers'),
      ...distanceRows(visits, 'logout', 'logout, servers'),
    ],
    notes: [...notesFor(counts), ...(servers ? [] : [missing])],
  }
}

const notesFor = ({ logouts, visits }: Counts): string[] => [
  paragraph(
    'A proxy on loopback hands each chunk on half a round trip later, and the first one of a',
    'connection a whole one later still, as TCP’s handshake takes it. It limits no bandwidth,',
    'loses nothing and speaks no TLS, whose handshake takes a round trip more. “Round trips” is',
    'what the distance added, divided by it.',
  ),
  paragraph(
    'A guard on SSE is far from its `curfew start`, one on Kafka from its broker;',
    `${logouts} logouts a repeat are sent to a gateway that is near its log and its store. Half a`,
    'round trip is the way of the news.',
  ),
  paragraph(
    '“Servers”: a gateway whose Kafka and MongoDB are far, and whose client is near;',
    `${visits} times a repeat login, refresh and logout, after one that does not count. The`,
    'store is SecantusDB, a slow stand-in for MongoDB: read the round trips.',
  ),
]

export const distance: Scenario = {
  name: 'distance',
  claim: 'A guard on SSE that is far away refuses half a round trip later, and no more than that.',
  needs: ['kafka', 'mongo'],
  measure,
}
