import {
  type Everything,
  type Fleet,
  type Scale,
  type User,
  withFleet,
} from '../../support/processes/fleet.ts'
import type { Process } from '../../support/processes/processes.ts'
import { loggedIn, Visitor } from '../../support/requests/visitor.ts'
import { assert, type Claims } from '../../support/suite.ts'
import { race, until } from '../../support/until.ts'

type Site = Pick<Everything, 'url' | 'ordersUrl'> & Readonly<{ processes: readonly Process[] }>

/** One process on LMDB; one of each service on Kafka and MongoDB. */
const open = async (fleet: Fleet, scale: Scale | null): Promise<Site> => {
  if (scale === null) {
    const { url, ordersUrl, ...rest } = await fleet.everything()
    return { url, ordersUrl, processes: [rest] }
  }
  const gateway = await fleet.gateway()
  const [projector, orders] = await Promise.all([fleet.projector(), fleet.orders(gateway)])
  return { url: gateway.url, ordersUrl: orders.url, processes: [gateway, projector, orders] }
}

type End = (fleet: Fleet, processes: readonly Process[]) => Promise<void>

const terminate: End = async (fleet, processes) => {
  for (const { code, signal } of await fleet.stopAll(processes)) {
    assert.equal({ code, signal }, { code: 0, signal: null }, 'SIGTERM ends in good order')
  }
}
const kill: End = async (_fleet, processes) => {
  await Promise.all(processes.map((one) => one.kill9()))
}

/** Refreshes one session after another answer, until the gateway is gone. */
const refreshUntilGone = async (visitor: Visitor, url: string): Promise<number> => {
  for (let count = 0; ; count += 1) {
    const reply = await visitor.post(`${url}/refresh`).catch(() => null)
    // A gateway that stops cuts nobody short: it answers, or it does not listen any more.
    if (reply === null) return count
    assert.is(reply.status, 200)
  }
}

const busyCount = 4

type Before = Readonly<{ busy: readonly Visitor[]; keys: unknown; thieves: readonly Visitor[] }>

const keysOf = async (url: string): Promise<unknown> =>
  (await fetch(`${url}/.well-known/jwks.json`)).json()

const live = async (fleet: Fleet, { url }: Site, alice: User, bob: User): Promise<Before> => {
  const leaver = await loggedIn(fleet, url, alice)
  const cutOff = await loggedIn(fleet, url, bob)
  const thieves = [leaver.copy(), cutOff.copy()]
  assert.is((await leaver.post(`${url}/logout`)).status, 200)
  const { id, secret } = fleet.service
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
  const cut = { scope: 'subject', id: cutOff.access.sub }
  const desk = new Visitor(fleet)
  assert.is((await desk.post(`${url}/revocations`, cut, { authorization })).status, 200)
  const busy = await race(busyCount, () => loggedIn(fleet, url, alice))
  return { busy, keys: await keysOf(url), thieves }
}

const isAsBefore = async ({ url, ordersUrl }: Site, before: Before): Promise<void> => {
  const { busy, keys, thieves } = before
  assert.equal(await keysOf(url), keys, 'the keys are the same')
  for (const thief of thieves) {
    assert.is(await thief.asks(ordersUrl), 401, 'the guard refuses from its first answer on')
    assert.is((await thief.get(`${url}/me`)).status, 401)
    assert.is((await thief.copy().post(`${url}/refresh`)).status, 401)
  }
  for (const visitor of busy) {
    await until('the guard accepts', async () => (await visitor.asks(ordersUrl)) === 200)
    assert.is((await visitor.post(`${url}/refresh`)).status, 200, 'nobody was logged out')
    assert.is((await visitor.get(`${url}/me`)).status, 200)
  }
}

const outlives =
  (scale: Scale | null, ...ends: readonly End[]): (() => Promise<void>) =>
  () =>
    withFleet(
      scale,
      async (fleet) => {
        const [alice, bob] = [await fleet.addUser('alice'), await fleet.addUser('bob')]
        let site = await open(fleet, scale)
        const before = await live(fleet, site, alice, bob)
        for (const end of ends) {
          const { url, processes } = site
          const traffic = Promise.all(before.busy.map((visitor) => refreshUntilGone(visitor, url)))
          traffic.catch(() => {}) // Met below, after the end.
          const [first] = before.busy
          const id = first?.refreshId
          await until('the traffic flows', () => first?.refreshId !== id)
          await end(fleet, processes)
          await traffic
          site = await open(fleet, scale)
          await isAsBefore(site, before)
        }
        await terminate(fleet, site.processes)
      },
      { CURFEW_REFRESH_GRACE_PERIOD: '2m' },
    )

/** Everything of an installation ends in the middle of its work, and starts again. */
export const restartClaims = (scale: Scale | null): Claims => ({
  'sessions, keys and revocations outlive SIGTERM of every process': outlives(scale, terminate),
  'sessions, keys and revocations outlive kill -9 of every process': outlives(scale, kill),
  'a user is added while the servers run': () =>
    withFleet(scale, async (fleet) => {
      const { url, ordersUrl } = await open(fleet, scale)
      const visitor = await loggedIn(fleet, url, await fleet.addUser('carol'))
      await until('the guard accepts', async () => (await visitor.asks(ordersUrl)) === 200)
    }),
})
