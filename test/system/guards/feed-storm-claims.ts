import { join } from 'node:path'
import { systemClock } from '../../../shared/kernel/clock.ts'
import { loadMacRing } from '../../../shared/tokens/key-rings/follow-mac-ring.ts'
import { aRevocationRecord } from '../../support/fakes/builders.ts'
import { type Fleet, type Member, type Scale, withFleet } from '../../support/processes/fleet.ts'
import type { Settings } from '../../support/processes/processes.ts'
import { loggedIn, type Visitor } from '../../support/requests/visitor.ts'
import { assert, type Claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { overSse } from '../../support/worlds/sse-orders.ts'

const rounds = 2
const leaversARound = 3
const recordsAGust = 200
const calmMs = 25

/** Revocations of others, as many as the machine takes, until `over` aborts. */
const storm = async (fleet: Fleet, over: AbortSignal, onGust: () => void): Promise<void> => {
  const ring = await loadMacRing(join(fleet.dir, 'keys', 'log-mac.json'))
  const log = await (await fleet.backends()).log('writer')
  while (!over.aborted) {
    await log.publish(Array.from({ length: recordsAGust }, () => aRevocationRecord(ring)))
    onGust()
    await systemClock.sleep(calmMs, over)
  }
}

const logout = async (visitor: Visitor, { url }: Member): Promise<Visitor> => {
  const thief = visitor.copy()
  const { status, headers } = await visitor.post(`${url}/logout`)
  assert.equal([status, headers.get('revocation-status')], [200, 'acknowledged'])
  return thief
}

/** The sample service, once for each feed. */
const startServices = (fleet: Fleet, gateway: Member, feeds: readonly Settings[]) =>
  Promise.all(feeds.map((settings) => fleet.orders(gateway, settings)))

/** `null` = on LMDB, over server-sent events; at scale also from Kafka itself. */
export const stormClaims = (scale: Scale | null): Claims => ({
  'a service that is killed in it accepts nothing revoked once it is ready again': () =>
    withFleet(scale, async (fleet) => {
      const gateway = await fleet.gateway()
      const projector = await fleet.projector()
      const user = await fleet.addUser('alice')
      const stayer = await loggedIn(fleet, gateway.url, user)
      const leavers: Visitor[] = []
      for (let count = 0; count < rounds * leaversARound; count += 1) {
        leavers.push(await loggedIn(fleet, gateway.url, user))
      }
      const over = new AbortController()
      let gusts = 0
      const storming = storm(fleet, over.signal, () => {
        gusts += 1
      })
      storming.catch(() => {}) // Met below.
      const sse = overSse(fleet, new URL(projector.url).port)
      const feeds = scale === null ? [sse] : [sse, { CURFEW_ON_STALE: 'deny' }]
      const thieves: Visitor[] = []
      let services = await startServices(fleet, gateway, feeds)
      for (let round = 0; round < rounds; round += 1) {
        const before = gusts
        for (const leaver of leavers.splice(0, leaversARound)) {
          for (const { url } of services) assert.is(await leaver.asks(url), 200)
          thieves.push(await logout(leaver, gateway))
        }
        await until('the storm goes on', () => gusts > before + 2)
        await Promise.all(services.map((service) => service.kill9()))
        services = await startServices(fleet, gateway, feeds)
        for (const { url } of services) {
          for (const thief of thieves) assert.is(await thief.asks(url), 401)
          assert.is(await stayer.asks(url), 200)
        }
      }
      over.abort()
      await storming
      assert.ok(gusts * recordsAGust > 5_000, 'it was a storm')
    }),
})
