import Koa from 'koa'
import { FeedHub } from '../../../services/projector/feed/feed-hub.ts'
import { FeedServer } from '../../../services/projector/feed/feed-server.ts'
import { type Projector, startProjector } from '../../../services/projector/projector.ts'
import { logRevocationFeed } from '../../../shared/adapters/log-feed/revocation-feed.ts'
import { openMongo } from '../../../shared/adapters/mongo/connection/mongo-connection.ts'
import { mongoBlacklistView } from '../../../shared/adapters/mongo/views/blacklist-view.ts'
import {
  createGuard,
  fixedKeys,
  type Guard,
  requestJudge,
  sseRevocationFeed,
} from '../../../shared/guard/index.ts'
import { listen } from '../../../shared/http/listen.ts'
import type { ServiceClient } from '../../../shared/http/service-clients.ts'
import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import { systemEntropy } from '../../../shared/kernel/entropy.ts'
import { clientId, type EpochMs } from '../../../shared/kernel/ids.ts'
import type { Lifecycle } from '../../../shared/kernel/lifecycle.ts'
import { silentLogger as logger } from '../../../shared/kernel/logger.ts'
import type { RevocationFeed } from '../../../shared/ports/revocation-feed.ts'
import { verifyBearer } from '../../../shared/tokens/verification/verify-token.ts'
import { jarOf, newJar } from '../processes/browser.ts'
import { fetchedList, placeIn } from '../requests/fetched-list.ts'
import { sendHttp } from '../requests/http-send.ts'
import { type Said as Named, payloadOf } from '../requests/visitor.ts'
import { until } from '../until.ts'
import { type BlacklistDocument, blacklistQuery } from '../views/blacklist-query.ts'
import { type ReadList, statusAt } from '../views/status-list-reader.ts'
import type { World } from './gateway-world.ts'
import type { Drawn } from './matrix-draw.ts'

export type Door =
  | 'guard'
  | 'guard on SSE'
  | 'forward-auth'
  | 'introspection'
  | 'verify'
  | 'view'
  | 'status list'
/** `yes` and `no`: whether a token is good. The view says whether it is listed as ended. */
export type Said = 'yes' | 'no' | 'listed' | 'unlisted'
export type Ask = (drawn: Drawn, position: string) => Promise<Said>
export type Doors = Readonly<{
  asks: Readonly<Record<Door, Ask>>
  /** Resolves when every door that follows the log knows all that was acknowledged by now. */
  settled: () => Promise<void>
}>

const reader: ServiceClient = {
  id: clientId('matrix'),
  secret: 'a secret of the matrix',
  permissions: ['feed'],
}

const guardOn = async (world: World, feed: RevocationFeed, parts: Lifecycle): Promise<Guard> => {
  const issuer = 'http://localhost:8080'
  const guard = createGuard({
    issuer,
    audience: issuer,
    keys: fixedKeys(world.gateway.access),
    feed,
    clock,
    accept: ['access', 'sliding'],
    onStale: 'deny',
    // A busy machine may make it wait; what is asked here is what it says once it knows.
    maxStalenessMs: 60_000,
  })
  await parts.use(guard)
  await guard.start()
  return guard
}

/** The feed as a projector serves it, over HTTP. */
const overHttp = async (world: World, parts: Lifecycle): Promise<RevocationFeed> => {
  const feed = logRevocationFeed(world.state.log, world.keys.mac, clock)
  const hub = await parts.use(new FeedHub({ feed, clock, logger }))
  hub.start()
  const server = new FeedServer({ hub, clients: [reader], connectionsMax: 10, clock, logger })
  const app = new Koa()
  app.use(server.route())
  const { url } = await parts.use(listen(app.callback(), { host: '127.0.0.1', port: 0 }))
  await parts.use(server)
  await until('the feed has read the log', () => hub.content.caughtUp)
  const { id, secret } = reader
  return sseRevocationFeed({ url: new URL('/feed', url), clientId: id, secret })
}

/** By the request, as every adapter for a framework asks. */
const askGuard = (guard: Guard): Ask => {
  const { judge } = requestJudge(guard, { cookieName: 'access' })
  return async ({ shown }, position) => {
    const headers = { ...shown.headers, 'revocation-position': position }
    const judged = await judge((name) => headers[name.toLowerCase() as keyof typeof headers])
    if (judged.outcome === 'passed' && judged.caller.fresh) return 'yes'
    const { status } = judged.outcome === 'answered' ? judged.answer : { status: 200 }
    return saidBy('guard', status, [400, 401])
  }
}

const saidBy = (door: Door, status: number, noes: readonly number[]): Said => {
  if (status === 200) return 'yes'
  if (noes.includes(status)) return 'no'
  throw new Error(`${door} answered ${status}`)
}

const overHttpDoors = ({ url, send, serviceHeaders }: World) => ({
  'forward-auth': async ({ shown }: Drawn, position: string): Promise<Said> => {
    const headers = { ...shown.headers, 'revocation-position': position }
    const { status } = await sendHttp(`${url}/verify`, { method: 'GET', headers })
    return saidBy('forward-auth', status, [401])
  },
  introspection: async ({ token, hinted }: Drawn, position: string): Promise<Said> => {
    const fields = { token, ...(hinted ? { token_type_hint: 'refresh_token' } : {}) }
    const headers = { ...serviceHeaders, 'revocation-position': position }
    const { status, body } = await sendHttp(`${url}/introspect`, {
      method: 'POST',
      headers,
      form: fields,
    })
    if (status !== 200) throw new Error(`introspection answered ${status}`)
    return (body as { active: boolean }).active ? 'yes' : 'no'
  },
  verify: async ({ token, inCookie }: Drawn): Promise<Said> => {
    const { status } = inCookie
      ? await send('/verify', jarOf({ access: token }))
      : await send('/api/token/verify/', newJar(), { json: { token } })
    return saidBy('verify', status, [400, 401])
  },
})

type View = Readonly<{ ask: Ask; closed: () => Promise<EpochMs | null>; projector: Projector }>

/** A projector's view in a database of its own, and the documented query on the driver alone. */
const openView = async (world: World, mongoUrl: string, parts: Lifecycle): Promise<View> => {
  const database = `matrix-${systemEntropy.bytes(6).toString('hex')}`
  const connection = await openMongo({ url: mongoUrl, database, timeoutMs: 30_000, logger })
  await parts.use({
    close: async () => {
      await connection.db.dropDatabase()
      await connection.close()
    },
  })
  const view = mongoBlacklistView(connection)
  const { log, sessions } = world.state
  const { mac: ring, events: signing } = world.keys
  const events = { ring: signing, unsigned: 'park' } as const
  const projector = await parts.use(
    await startProjector({ log, sessions, view, ring, events, clock, logger }),
  )
  const documents = connection.db.collection<BlacklistDocument>('blacklist')
  /**
   * Every tenth time in one request, as documented. SecantusDB reads the whole collection for it,
   * since it has an `$or`, and finds the same by the ids first.
   */
  let asked = 0
  const isListed = async (token: Named): Promise<boolean> => {
    asked += 1
    const query = blacklistQuery(token)
    if (asked % 10 === 0) return (await documents.findOne(query)) !== null
    const { _id, ...rest } = query
    const found = await documents.aggregate([{ $match: { _id } }, { $match: rest }]).toArray()
    return found.length > 0
  }
  return {
    projector,
    closed: async () => (await view.closed())?.t ?? null,
    ask: async ({ token }) => ((await isListed(payloadOf(token))) ? 'listed' : 'unlisted'),
  }
}

/** As a service that has keys and lists: the token's own checks first, then its bit. */
const listReader = (world: World): Ask => {
  const issuer = 'http://localhost:8080'
  const copies = new Map<string, Promise<ReadList>>()
  return async ({ token }, position) => {
    const rest = { issuer, audience: issuer, now: clock.now(), leewayMs: 0 } as const
    const accept = ['access', 'sliding'] as const
    const verified = verifyBearer(token, { keys: world.gateway.access, ...rest, accept })
    if (!verified.ok) return 'no'
    const place = placeIn(token)
    const key = `${place.uri} ${position}`
    const headers = { 'revocation-position': position }
    const copy = copies.get(key) ?? fetchedList(world, place.uri, { headers })
    copies.set(key, copy)
    const { statuses, bits } = await copy
    return statusAt(statuses, bits, place.idx) === 0 ? 'yes' : 'no'
  }
}

const minuteMs = 60_000

/** All doors on one world. `hurt` stands between the log and the guard in this process. */
export const openDoors = async (
  world: World,
  mongoUrl: string,
  parts: Lifecycle,
  hurt: (feed: RevocationFeed) => RevocationFeed = (feed) => feed,
): Promise<Doors> => {
  const { log, store } = world.state
  const near = await guardOn(world, hurt(logRevocationFeed(log, world.keys.mac, clock)), parts)
  const far = await guardOn(world, await overHttp(world, parts), parts)
  const view = await openView(world, mongoUrl, parts)
  const allClosed = async (after: number): Promise<boolean> => {
    const times = [near.status().closedTime, far.status().closedTime, await view.closed()]
    return times.every((t) => t !== null && t > after)
  }
  const settled = async (): Promise<void> => {
    await until('the relay has published all', async () => {
      const due = await store.unpublishedOthers((clock.now() + minuteMs) as EpochMs, 1)
      return due.length === 0
    })
    const after = clock.now()
    await until('guards and view know all that was acknowledged', () => allClosed(after))
    // Rotations are told by the other topic, which no closed time speaks of.
    const { end } = await log.bounds({ topic: 'auth.events', partition: 0 })
    await until('the events are folded', () => view.projector.folded('auth.events', 0) >= end)
  }
  const asks = {
    guard: askGuard(near),
    'guard on SSE': askGuard(far),
    ...overHttpDoors(world),
    view: view.ask,
    'status list': listReader(world),
  }
  return { asks, settled }
}
