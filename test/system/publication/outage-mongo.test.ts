import { notRun } from '../../support/not-run.ts'
import { type Everything, type Fleet, type User, withFleet } from '../../support/processes/fleet.ts'
import { loggedIn, type Reply, Visitor } from '../../support/requests/visitor.ts'
import { type OwnServers, startOwnServers } from '../../support/servers/own-servers.ts'
import { assert, type Claims, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { isInView } from '../../support/views/view-of.ts'

type Outage = Readonly<{
  begin: () => Promise<void> | void
  end: () => Promise<void> | void
  /** A frozen server may carry out later what it was asked before. */
  isFrozen: boolean
}>

const isUnavailable = (what: string, { status, body, headers }: Reply): void => {
  assert.is(status, 503, `${what}: ${status} ${JSON.stringify(body)}`)
  assert.is(body['code'], 'store_unavailable', what)
  assert.ok(Number(headers.get('retry-after')) >= 1, `${what} says when to try again`)
  assert.equal(headers.getSetCookie(), [], `${what} touches no cookie`)
  assert.is(headers.get('revocation-status'), null, `${what} acknowledges nothing`)
}

const nothingIsAcknowledged = async (
  fleet: Fleet,
  { url }: Everything,
  user: User,
  [refresher, leaver]: readonly [Visitor, Visitor],
): Promise<void> => {
  isUnavailable('login', await new Visitor(fleet).post(`${url}/login`, user))
  isUnavailable('refresh', await refresher.post(`${url}/refresh`))
  isUnavailable('logout', await leaver.post(`${url}/logout`))
  isUnavailable('me', await leaver.get(`${url}/me`))
}

/** Each request is decided anew; the cookies are those from before the outage. */
const goesOn = async (
  fleet: Fleet,
  { url, ordersUrl }: Everything,
  user: User,
  [refresher, leaver]: readonly [Visitor, Visitor],
  isFrozen: boolean,
): Promise<void> => {
  await until('a login succeeds', async () => {
    const { status } = await new Visitor(fleet).post(`${url}/login`, user)
    assert.ok(status === 200 || status === 503, `a login was answered ${status}`)
    return status === 200
  })
  const before = refresher.copy()
  assert.is((await refresher.post(`${url}/refresh`)).status, 200)
  assert.is((await before.post(`${url}/refresh`)).status, 200)
  assert.is(before.refreshId, refresher.refreshId, 'one successor, whatever the first try did')
  assert.is((await refresher.get(`${url}/me`)).status, 200)
  const thief = leaver.copy()
  const isAlive = (await leaver.get(`${url}/me`)).status === 200
  assert.ok(isAlive || isFrozen, 'a logout that was not acknowledged did not happen')
  assert.is((await leaver.post(`${url}/logout`)).status, isAlive ? 200 : 401)

  assert.is((await thief.get(`${url}/me`)).status, 401)
  await until('the guard refuses', async () => (await thief.asks(ordersUrl)) === 401)
  await until('the view has it', () => isInView(fleet, `sid:${thief.access.sid}`))
  await until('the guard accepts', async () => (await refresher.asks(ordersUrl)) === 200)
}

const storeGoesAway =
  ({ scale }: OwnServers, { begin, end, isFrozen }: Outage): (() => Promise<void>) =>
  () =>
    withFleet(
      scale,
      async (fleet) => {
        const user = await fleet.addUser('alice')
        const running = await fleet.everything({ CURFEW_STORE_TIMEOUT: '1s' })
        const visitors = [
          await loggedIn(fleet, running.url, user),
          await loggedIn(fleet, running.url, user),
        ] as const
        await begin()
        try {
          await nothingIsAcknowledged(fleet, running, user, visitors)
          assert.ok(running.isRunning())
          await end()
          await goesOn(fleet, running, user, visitors, isFrozen)
        } finally {
          await end()
        }
      },
      { CURFEW_REFRESH_GRACE_PERIOD: '2m' },
    )

const outages = (servers: OwnServers): Claims => {
  const { mongo } = servers
  let isDown = false
  const back = async (): Promise<void> => {
    if (isDown) await mongo.restart()
    isDown = false
  }
  const down = (how: () => Promise<void>) => async (): Promise<void> => {
    await how()
    isDown = true
  }
  return {
    'while MongoDB is stopped every answer is 503, and afterwards all goes on': storeGoesAway(
      servers,
      { begin: down(() => mongo.stop()), end: back, isFrozen: false },
    ),
    'while MongoDB is killed every answer is 503, and afterwards all goes on': storeGoesAway(
      servers,
      { begin: down(() => mongo.kill9()), end: back, isFrozen: false },
    ),
    'while MongoDB is frozen every answer is 503, and afterwards all goes on': storeGoesAway(
      servers,
      { begin: () => mongo.freeze(), end: () => mongo.thaw(), isFrozen: true },
    ),
  }
}

const servers = await startOwnServers()
if ('missing' in servers) notRun('the store goes away', servers.missing)
else claims('the store goes away', outages(servers))
