import { utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { EventCheck } from '../../../shared/events/event-mac.ts'
import type { RawRecord } from '../../../shared/events/log-record.ts'
import { readEventRecord } from '../../../shared/events/read-event-record.ts'
import { readRevocationRecord } from '../../../shared/events/read-revocation-record.ts'
import { macHeader } from '../../../shared/events/record-mac.ts'
import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import {
  keyFileNames,
  loadEventsRing,
  loadMacRing,
} from '../../../shared/tokens/key-rings/index.ts'
import { notRun } from '../../support/not-run.ts'
import { type Fleet, type Scale, withFleet } from '../../support/processes/fleet.ts'
import { loggedIn, type Visitor } from '../../support/requests/visitor.ts'
import { findScale } from '../../support/scale.ts'
import { assert, type Claims, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { everyRecord } from '../../support/views/every-record.ts'

/** Files are read anew every 5 s. */
const followedMs = 7_000
/** How long a file must have stood, before the next key of it may sign. */
const shownMs = 5 * 60_000 + 5_000

type Site = Readonly<{ gateways: readonly string[]; orders: readonly string[] }>

const openSite = async (fleet: Fleet, scale: Scale | null): Promise<Site> => {
  if (scale === null) {
    const { url, ordersUrl } = await fleet.everything()
    return { gateways: [url], orders: [ordersUrl] }
  }
  const first = await fleet.gateway()
  const [second] = await Promise.all([fleet.gateway(), fleet.projector()])
  // One reads in a thread, one by itself; both introspect by what follows from the ring.
  const own = { CURFEW_INTROSPECT_CLIENT_ID: '', CURFEW_INTROSPECT_CLIENT_SECRET: '' }
  const orders = await Promise.all([
    fleet.orders(first, { ...own, CURFEW_FEED: 'kafka' }),
    fleet.orders(second, { ...own, CURFEW_FEED: 'log' }),
  ])
  return { gateways: [first.url, second.url], orders: orders.map(({ url }) => url) }
}

/** Logs in and out until told to stop; answers those who logged out, with the tokens they had. */
const traffic = (fleet: Fleet, { gateways, orders }: Site) => {
  let stopped = false
  const left: Visitor[] = []
  const run = async (): Promise<void> => {
    const user = await fleet.addUser('alice')
    while (!stopped) {
      const gateway = gateways[left.length % gateways.length] ?? ''
      const visitor = await loggedIn(fleet, gateway, user)
      for (const url of orders) assert.is(await visitor.asks(url), 200)
      const thief = visitor.copy()
      const { status, headers } = await visitor.post(`${gateway}/logout`)
      assert.equal([status, headers.get('revocation-status')], [200, 'acknowledged'])
      left.push(thief)
    }
  }
  const running = run()
  running.catch(() => {}) // Met by `stop`.
  const stop = async (): Promise<readonly Visitor[]> => {
    stopped = true
    await running
    return left
  }
  return { stop, count: () => left.length }
}

const rings = { log: 'mac', events: 'events' } as const

const rotate = async (fleet: Fleet, ring: keyof typeof rings): Promise<void> => {
  const seconds = (clock.now() - shownMs) / 1_000
  await utimes(join(fleet.dir, 'keys', keyFileNames[rings[ring]]), seconds, seconds)
  const rotating = fleet.command(['keys', 'rotate', '--ring', ring])
  assert.is((await rotating.ended).code, 0, rotating.output())
}

/** By the files as they are now, retired keys among them. */
const everyRecordIsGood = async (fleet: Fleet): Promise<void> => {
  const log = await (await fleet.backends()).log('reader')
  const path = (name: keyof typeof keyFileNames): string =>
    join(fleet.dir, 'keys', keyFileNames[name])
  const mac = await loadMacRing(path('mac'))
  const ring = await loadEventsRing(path('events'), mac.fleet)
  const check: EventCheck = { ring, unsigned: 'park' }
  const events = await everyRecord(log, ['auth.events'])
  const revocations = await everyRecord(log, ['auth.revocations'])
  assert.ok(events.every((raw) => readEventRecord(check, raw).ok))
  const rotations = events.filter(({ headers }) => headers['ce_type'] === 'curfew.KeyRotated')
  assert.is(rotations.length, 4, 'two rotations of each ring, each told once by all gateways')
  for (const raw of revocations) {
    assert.match(readRevocationRecord(mac, raw).kind, /^(revocation|closed)$/)
  }
  const signers = (records: readonly RawRecord[]): number =>
    new Set(records.map(({ headers }) => headers[macHeader]?.split('.')[0])).size
  assert.ok(signers(events) >= 3, 'events of every key are there')
  // Embedded, closed times that a newer one follows are gone; revocations are not.
  assert.ok(signers(revocations) >= 3, 'revocations of every key are there')
  assert.is((await log.bounds({ topic: 'auth.deadletters', partition: 0 })).end, 0)
}

const rotates = (scale: Scale | null) => (): Promise<void> =>
  withFleet(scale, async (fleet) => {
    const site = await openSite(fleet, scale)
    const people = traffic(fleet, site)
    for (let round = 1; round <= 2; round += 1) {
      await until('some came and went', () => people.count() >= 3 * round)
      for (const ring of ['log', 'events'] as const) await rotate(fleet, ring)
      await clock.sleep(followedMs)
    }
    const signedLast = people.count()
    await until('some more came and went', () => people.count() >= signedLast + 3)
    const left = await people.stop()
    const late = scale === null ? [] : [await fleet.orders({ url: site.gateways[0] ?? '' })]
    for (const url of [...site.orders, ...late.map((one) => one.url)]) {
      for (const thief of left) {
        await until('a logout is heard of', async () => (await thief.asks(url)) === 401)
      }
    }
    await everyRecordIsGood(fleet)
    for (const { name, output } of fleet.processes) {
      assert.not.match(output(), /no good MAC|forged|dead letters|cannot be read anew/, name)
    }
  })

const claimsOn = (scale: Scale | null): Claims => ({
  'rotate while people log out, and no record is refused and no logout missed': rotates(scale),
})

claims('the rings of the log, embedded', claimsOn(null))

const found = await findScale()
if ('missing' in found) notRun('the rings of the log, on Kafka and MongoDB', found.missing)
else claims('the rings of the log, on Kafka and MongoDB', claimsOn(found.scale))
