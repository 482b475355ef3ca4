import { type Fleet, type Member, withFleet } from '../../support/processes/fleet.ts'
import { loggedIn, type Visitor } from '../../support/requests/visitor.ts'
import { freePort } from '../../support/servers/server-process.ts'
import { openTcpProxy, type TcpProxy } from '../../support/servers/tcp-proxy.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { overSse } from '../../support/worlds/sse-orders.ts'

const maxStalenessMs = 2_000

type Site = Readonly<{
  fleet: Fleet
  gateway: Member
  projector: Member
  proxy: TcpProxy
  orders: Member
}>

const onSite = (onStale: string, work: (site: Site) => Promise<void>): Promise<void> =>
  withFleet(null, async (fleet) => {
    const port = await freePort()
    const gateway = await fleet.gateway()
    const projector = await fleet.projector({ CURFEW_PORT: String(port) })
    const proxy = await openTcpProxy({ listen: 0, target: port, frames: 'none' })
    try {
      const orders = await fleet.orders(
        gateway,
        overSse(fleet, proxy.port, {
          CURFEW_MAX_STALENESS: `${maxStalenessMs}ms`,
          CURFEW_ON_STALE: onStale,
        }),
      )
      await work({ fleet, gateway, projector, proxy, orders })
    } finally {
      await proxy.close()
    }
  })

const logout = async (visitor: Visitor, { url }: Member): Promise<Visitor> => {
  const thief = visitor.copy()
  const { status } = await visitor.post(`${url}/logout`)
  assert.is(status, 200)
  return thief
}

/**
 * Asked all the time. From the answer of the logout on, acceptance is good only within the bound:
 * the last accepted question began before it had passed.
 */
const isRefusedInTime = async (thief: Visitor, orders: Member, refusal: number): Promise<void> => {
  const sinceMs = performance.now()
  let acceptedAtMs = 0
  await until(`a revoked token is answered ${refusal}`, async () => {
    const askedAtMs = performance.now() - sinceMs
    const status = await thief.asks(orders.url)
    if (status === 200) acceptedAtMs = askedAtMs
    return status === refusal
  })
  assert.ok(acceptedAtMs <= maxStalenessMs + 1_000, `accepted ${acceptedAtMs} ms after the logout`)
}

const whenLost =
  (onStale: string, refusal: number, lose: (proxy: TcpProxy) => void) => (): Promise<void> =>
    onSite(onStale, async ({ fleet, gateway, proxy, orders }) => {
      const user = await fleet.addUser('alice')
      const [leaver, stayer, early] = [
        await loggedIn(fleet, gateway.url, user),
        await loggedIn(fleet, gateway.url, user),
        await loggedIn(fleet, gateway.url, user),
      ]
      const gone = await logout(early, gateway)
      await until('a logout is heard', async () => (await gone.asks(orders.url)) === 401)
      assert.is(await leaver.asks(orders.url), 200)
      proxy.refuseNew(true)
      lose(proxy)
      const thief = await logout(leaver, gateway)
      await isRefusedInTime(thief, orders, refusal)
      const stale = onStale === 'deny' ? 503 : 200
      await until(
        'the others meet the policy',
        async () => (await stayer.asks(orders.url)) === stale,
      )
      proxy.refuseNew(false)
      proxy.killAll()
      await until('it hears again', async () => (await thief.asks(orders.url)) === 401)
      await until('the others are let in', async () => (await stayer.asks(orders.url)) === 200)
    })

claims('a guard whose feed is lost', {
  'cut, and told to deny, refuses what was revoked meanwhile within the bound': whenLost(
    'deny',
    503,
    (proxy) => proxy.killAll(),
  ),
  'frozen, and told to deny, refuses what was revoked meanwhile within the bound': whenLost(
    'deny',
    503,
    (proxy) => proxy.freeze(),
  ),
  'frozen, and told to introspect, refuses what was revoked meanwhile within the bound': whenLost(
    'introspect',
    401,
    (proxy) => proxy.freeze(),
  ),

  'a projector that starts anew under attached guards: they go on, and miss nothing': () =>
    onSite('deny', async ({ fleet, gateway, projector, proxy, orders }) => {
      const user = await fleet.addUser('alice')
      const [leaver, stayer] = [
        await loggedIn(fleet, gateway.url, user),
        await loggedIn(fleet, gateway.url, user),
      ]
      await projector.kill9()
      const thief = await logout(leaver, gateway)
      await until('it is stale', async () => (await stayer.asks(orders.url)) === 503)
      const port = new URL(projector.url).port
      await fleet.projector({ CURFEW_PORT: port })
      await until(
        'what was revoked meanwhile is refused',
        async () => (await thief.asks(orders.url)) === 401,
      )
      await until('the others are let in', async () => (await stayer.asks(orders.url)) === 200)
      assert.ok(proxy.accepted() >= 2)
    }),
})
