import { join } from 'node:path'
import { readRevocationRecord } from '../../../shared/events/read-revocation-record.ts'
import type { MacRing } from '../../../shared/events/record-mac.ts'
import type { RevocationItem } from '../../../shared/events/revocation-record.ts'
import { loadMacRing } from '../../../shared/tokens/key-rings/follow-mac-ring.ts'
import { type Topics, withTopics } from '../../support/kafka/topics.ts'
import { notRun } from '../../support/not-run.ts'
import { type Fleet, type Member, type Scale, withFleet } from '../../support/processes/fleet.ts'
import { loggedIn, type Visitor } from '../../support/requests/visitor.ts'
import { findScale } from '../../support/scale.ts'
import { freePort } from '../../support/servers/server-process.ts'
import { assert, type Claims, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { isBlacklisted } from '../../support/views/blacklist-query.ts'
import { overSse } from '../../support/worlds/sse-orders.ts'

const revocations = { topic: 'auth.revocations', partition: 0 } as const
/** A guard that accepts or refuses has heard it from the log: this one never asks the gateway. */
const fromLogOnly = { CURFEW_ON_STALE: 'deny' }

type Site = Readonly<{
  fleet: Fleet
  topics: Topics
  gateway: Member
  orders: Member
  projector: Member
  /** Logged out, and cut off as a person, before the log is lost. */
  thieves: readonly Visitor[]
  stayer: Visitor
  port: string
}>

const revokeSubject = async (fleet: Fleet, gateway: Member, visitor: Visitor): Promise<void> => {
  const { id, secret } = fleet.service
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
  const cut = { scope: 'subject', id: visitor.access.sub }
  const reply = await visitor.post(`${gateway.url}/revocations`, cut, { authorization })
  assert.is(reply.headers.get('revocation-status'), 'acknowledged')
}

const onSite = (scale: Scale, work: (site: Site) => Promise<void>): Promise<void> =>
  withFleet(scale, (fleet) =>
    withTopics(fleet, async (topics) => {
      const [alice, bob] = [await fleet.addUser('alice'), await fleet.addUser('bob')]
      const port = String(await freePort())
      const gateway = await fleet.gateway({ CURFEW_PORT: port })
      const [orders, projector] = await Promise.all([
        fleet.orders(gateway, fromLogOnly),
        fleet.projector(),
      ])
      const leaver = await loggedIn(fleet, gateway.url, alice)
      const cutOff = await loggedIn(fleet, gateway.url, bob)
      const stayer = await loggedIn(fleet, gateway.url, alice)
      const thieves = [leaver.copy(), cutOff.copy()]
      const { headers } = await leaver.post(`${gateway.url}/logout`)
      assert.is(headers.get('revocation-status'), 'acknowledged')
      await revokeSubject(fleet, gateway, cutOff)
      for (const thief of thieves) {
        await until('the guard refuses', async () => (await thief.asks(orders.url)) === 401)
      }
      await work({ fleet, topics, gateway, orders, projector, thieves, stayer, port })
    }),
  )

/** The log from its start, as far as it reaches now; empty while there is no such topic. */
const readLog = async (fleet: Fleet, ring: MacRing): Promise<readonly RevocationItem[]> => {
  const log = await (await fleet.backends()).log('reader')
  const items: RevocationItem[] = []
  const { start, end } = await log.bounds(revocations).catch(() => ({ start: 0, end: 0 }))
  if (end === start) return items
  let last = start - 1
  const following = await log.follow({
    topics: [revocations.topic],
    group: null,
    resumeAt: async () => start,
    onBatch: async ({ records }) => {
      items.push(...records.map((record) => readRevocationRecord(ring, record)))
      last = Math.max(last, records.at(-1)?.offset ?? -1)
    },
  })
  await until('the log is read', () => last + 1 >= end)
  await following.stop()
  return items
}

const logIdOf = (items: readonly RevocationItem[]): string | null => {
  const closed = items.find((item) => item.kind === 'closed')
  return closed?.kind === 'closed' ? closed.closed.logId : null
}

/** What was revoked before lies in the new log before the first time that is closed in it. */
const isToldAgain = async (
  { fleet, thieves: [leaver, cutOff] }: Site,
  before: string | null,
): Promise<void> => {
  const ring = await ringOf(fleet)
  let items: readonly RevocationItem[] = []
  await until('time is closed under a new identity', async () => {
    items = await readLog(fleet, ring)
    return items.length > 0 && ![null, before].includes(logIdOf(items))
  })
  const firstClosed = items.findIndex((item) => item.kind === 'closed')
  const told = items
    .slice(0, firstClosed)
    .flatMap((item) => (item.kind === 'revocation' ? [item.revocation.key as string] : []))
  assert.ok(told.includes(`sid:${leaver?.access.sid}`), 'the logout comes before closed time')
  assert.ok(told.includes(`sub:${cutOff?.access.sub}`), 'the cutoff comes before closed time')
}

const ringOf = (fleet: Fleet): Promise<MacRing> =>
  loadMacRing(join(fleet.dir, 'keys', 'log-mac.json'))

const currentLogId = async (fleet: Fleet): Promise<string | null> =>
  logIdOf(await readLog(fleet, await ringOf(fleet)))

/** Old guards and new ones, the view, and what comes after. */
const isTrueEverywhere = async (
  { fleet, thieves, stayer }: Site,
  gateway: Member,
  services: readonly Member[],
): Promise<void> => {
  for (const { url } of services) {
    for (const thief of thieves) {
      await until('the guard refuses', async () => (await thief.asks(url)) === 401)
    }
    await until('the guard accepts', async () => (await stayer.asks(url)) === 200)
  }
  const late = stayer.copy()
  assert.is((await stayer.post(`${gateway.url}/logout`)).status, 200)
  for (const { url } of services) {
    await until('the guard hears on', async () => (await late.asks(url)) === 401)
  }
  for (const thief of [...thieves, late]) {
    await until('the view has it', () => isBlacklisted(fleet, thief.access))
  }
}

const underARunningFleet = (scale: Scale) => (): Promise<void> =>
  onSite(scale, async (site) => {
    const { fleet, topics, gateway, orders } = site
    const before = await currentLogId(fleet)
    await topics.remove(revocations.topic)
    await isToldAgain(site, before)
    const fresh = await fleet.orders(gateway, fromLogOnly)
    for (const thief of site.thieves) {
      assert.is(await thief.asks(fresh.url), 401, 'a new guard knows it from its first answer on')
    }
    await isTrueEverywhere(site, gateway, [fresh, orders])
  })

/**
 * The new log is told before anything lies in it: who forgot would have nothing to refuse by, and
 * answer 503.
 */
const underAGuardOnSse = (scale: Scale) => (): Promise<void> =>
  onSite(scale, async (site) => {
    const { fleet, topics, gateway, projector, thieves, stayer } = site
    const feedAt = { CURFEW_PORT: new URL(projector.url).port }
    const far = await fleet.orders(gateway, overSse(fleet, feedAt.CURFEW_PORT))
    const refusesThieves = async (): Promise<void> => {
      for (const thief of thieves) assert.is(await thief.asks(far.url), 401)
    }
    await refusesThieves()
    assert.is(await stayer.asks(far.url), 200)
    const before = await currentLogId(fleet)
    await Promise.all([projector.kill9(), gateway.kill9()])
    await topics.remove(revocations.topic)
    await topics.create(revocations.topic, { partitions: 1, settings })
    await until('the guard is stale', async () => (await stayer.asks(far.url)) === 503)
    fleet.command(['projector'], feedAt)
    await until('the guard is told to begin anew', () => far.output().includes('feed_reset'))
    await refusesThieves()
    const again = await fleet.gateway({ CURFEW_PORT: site.port })
    await isToldAgain(site, before)
    await until('the guard is fresh again', async () => {
      await refusesThieves()
      return (await stayer.asks(far.url)) === 200
    })
    await isTrueEverywhere(site, again, [far])
  })

const settings = {
  'cleanup.policy': 'delete',
  'message.timestamp.type': 'LogAppendTime',
  'retention.ms': '-1',
}

/** `grown`: somebody wrote records of their own, past what was acknowledged. */
const whileAllIsStopped =
  (scale: Scale, grown: number): (() => Promise<void>) =>
  () =>
    onSite(scale, async (site) => {
      const { fleet, topics, gateway, orders, projector, port } = site
      const before = await currentLogId(fleet)
      await fleet.stopAll([orders, projector, gateway])
      await topics.remove(revocations.topic)
      if (grown > 0) {
        await topics.create(revocations.topic, { partitions: 1, settings })
        await topics.write(revocations.topic, grown)
      }
      const early = fleet.orders(gateway, fromLogOnly)
      early.catch(() => {}) // Met below; it is ready only after the gateway closed time.
      const again = await fleet.gateway({ CURFEW_PORT: port })
      const [fresh] = await Promise.all([early, fleet.projector()])
      await isToldAgain(site, before)
      await isTrueEverywhere(site, again, [fresh])
    })

const losses = (scale: Scale): Claims => ({
  'a log that was deleted under a running fleet is told every live revocation again':
    underARunningFleet(scale),
  'a projector that starts anew on a log made again: a guard on its feed lets nobody in again':
    underAGuardOnSse(scale),
  'a log that was deleted while nothing ran is told every live revocation again': whileAllIsStopped(
    scale,
    0,
  ),
  'a log that was made again, and grew past what was acknowledged, is found out': whileAllIsStopped(
    scale,
    500,
  ),
})

const found = await findScale()
if ('missing' in found) notRun('a log that is lost', found.missing)
else claims('a log that is lost', losses(found.scale))
