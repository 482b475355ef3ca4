import { createUser } from '../../services/gateway/accounts/create-user.ts'
import { commitRecords } from '../../services/gateway/publication/commit-records.ts'
import type { RawRecord } from '../../shared/events/log-record.ts'
import { readEventRecord } from '../../shared/events/read-event-record.ts'
import type { StreamId } from '../../shared/kernel/ids.ts'
import { aUser } from '../support/fakes/builders.ts'
import { copyOf, type Jar, newJar } from '../support/processes/browser.ts'
import { assert, claims } from '../support/suite.ts'
import { until } from '../support/until.ts'
import { everyRecord } from '../support/views/every-record.ts'
import { inWorld, type World } from '../support/worlds/gateway-world.ts'
import { lmdbBacking, memoryBacking, type OpenBacking } from '../support/worlds/world-backing.ts'

const service = 'manager:a-long-enough-secret'
const env = {
  CURFEW_SERVICE_CLIENTS: `${service}:users+revoke`,
  CURFEW_REFRESH_GRACE_PERIOD: '1s',
}
const authorization = `Basic ${Buffer.from(service).toString('base64')}`
const stranger = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
const alice = { username: 'alice', password: 'correct horse battery' }

type Call = Readonly<{
  method?: string
  json?: unknown
  headers?: Readonly<Record<string, string>>
  jar?: Jar
}>

const ask = async (world: World, id: string, path: string, call: Call = {}): Promise<number> => {
  const { method = 'POST', json, headers = {}, jar = newJar() } = call
  const answer = await world.send(path, jar, {
    method,
    headers: { 'x-request-id': id, ...headers },
    ...(json === undefined ? {} : { json }),
  })
  return answer.status
}

/** Each kind of event once or more, each by a request with an id of its own. */
const causeThem = async (world: World): Promise<Readonly<Record<string, string>>> => {
  const { sub } = await createUser(world.rooms, { ...alice, roles: [] })
  const admin = aUser({ roles: ['admin'] })
  await world.state.directory.create(admin)
  const adminJar = await world.open(admin)
  const [jar, other] = [newJar(), newJar()]
  await ask(world, 'wrong', '/login', { json: { ...alice, password: 'wrong' } })
  await ask(world, 'login', '/login', { json: alice, jar })
  const before = copyOf(jar)
  await ask(world, 'refresh', '/refresh', { jar })
  await ask(world, 'replay', '/refresh', { jar: copyOf(before) })
  await world.clock.sleep(1_100)
  await ask(world, 'reuse', '/refresh', { jar: before })
  await ask(world, 'login2', '/login', { json: alice, jar: other })
  await ask(world, 'logout', '/logout', { jar: other })
  await ask(world, 'denied', '/users', {
    method: 'GET',
    jar: await world.open(aUser({ sub, ...alice })),
  })
  await ask(world, 'origin', '/login', { headers: stranger })
  await ask(world, 'roles', `/users/${sub}`, {
    ...{ method: 'PATCH', jar: adminJar, json: { roles: ['staff'] } },
  })
  const json = { scope: 'subject', id: sub }
  await ask(world, 'service', '/revocations', { headers: { authorization }, json })
  return { alice: `user:${sub}`, admin: `administrator:${admin.sub}` }
}

const wanted = ({ alice: own, admin }: Readonly<Record<string, string>>): readonly string[] => [
  `LoginFailed wrong null`,
  `TokenIssued login ${own}`,
  `TokenIssued refresh ${own}`,
  `TokenRevoked refresh ${own}`,
  `GraceReplayed replay ${own}`,
  `ReuseDetected reuse ${own}`,
  `TokenRevoked reuse system:gateway`,
  `TokenRevoked logout ${own}`,
  `AccessDenied denied ${own}`,
  `OriginRefused origin null`,
  `RolesChanged roles ${admin}`,
  `TokenRevoked service service:manager`,
  // No request asked for these.
  `LifetimeRaised null system:gateway`,
  `UserCreated null system:gateway`,
]

const told = ({ headers }: RawRecord): string => {
  const type = headers['ce_type']?.replace('curfew.', '')
  return `${type} ${headers['ce_request'] ?? null} ${headers['ce_actor'] ?? null}`
}

const saysWho = (backing: OpenBacking) => () =>
  inWorld({ env, backing }, async (world) => {
    const names = await causeThem(world)
    const all = wanted(names)
    let records: readonly RawRecord[] = []
    await until('all of it is in the log', async () => {
      records = await everyRecord(world.state.log, ['auth.events'])
      return all.every((one) => records.map(told).includes(one))
    })
    const check = { ring: world.keys.events, unsigned: 'park' } as const
    for (const raw of records) {
      assert.ok(readEventRecord(check, raw).ok, told(raw))
      // The request stands in the commit, so whoever publishes it writes the same bytes.
      const [stream = '', version, index] = (raw.headers['ce_id'] ?? '').split(':')
      const [commit] = await world.state.store.read(stream as StreamId, Number(version), 1)
      if (!commit) continue // Housekeeping deletes what no decision needs.
      assert.is(commit.request, raw.headers['ce_request'])
      const source = raw.headers['ce_source'] ?? ''
      const encoder = { source, ring: world.keys.mac, events: world.keys.events }
      const again = commitRecords({ ...commit, published: null }, encoder).records
      const events = again.filter(({ topic }) => topic === 'auth.events')
      assert.equal(events[Number(index)]?.headers, raw.headers)
    }
  })

claims('every event says who caused it, and by which request', {
  'in memory': saysWho(memoryBacking),
  'on LMDB, where an append tells the log': saysWho(lmdbBacking),
})
