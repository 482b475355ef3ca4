import { notRun } from '../../support/not-run.ts'
import { type Fleet, type Member, type User, withFleet } from '../../support/processes/fleet.ts'
import { loggedIn, type Reply, type Visitor } from '../../support/requests/visitor.ts'
import { type OwnServers, startOwnServers } from '../../support/servers/own-servers.ts'
import { assert, type Claims, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { isInView } from '../../support/views/view-of.ts'

type Site = Readonly<{
  fleet: Fleet
  user: User
  gateway: Member
  /** Goes on with what it knows, however old. */
  trusting: Member
  /** Asks the gateway when it cannot prove freshness. */
  asking: Member
}>

const onSite = ({ scale }: OwnServers, work: (site: Site) => Promise<void>): Promise<void> =>
  withFleet(scale, async (fleet) => {
    const user = await fleet.addUser('alice')
    const gateway = await fleet.gateway()
    const [trusting, asking] = await Promise.all([
      fleet.orders(gateway, { CURFEW_ON_STALE: 'allow' }),
      fleet.orders(gateway, { CURFEW_ON_STALE: 'introspect' }),
      fleet.projector(),
    ])
    await work({ fleet, user, gateway, trusting, asking })
  })

const isPending = ({ status, headers }: Reply): void => {
  assert.is(status, 200)
  assert.is(headers.get('revocation-status'), 'pending')
  assert.match(headers.get('revocation-position') ?? '', /^t:\d+$/)
}

type Outage = Readonly<{ begin: () => Promise<void> | void; end: () => Promise<void> | void }>

const isRefusedByGateway = async ({ gateway }: Site, thief: Visitor): Promise<void> => {
  assert.is((await thief.get(`${gateway.url}/me`)).status, 401)
  assert.is((await thief.copy().post(`${gateway.url}/refresh`)).status, 401)
}

const during = async (site: Site, leaver: Visitor, stayer: Visitor): Promise<Visitor[]> => {
  const { fleet, gateway, asking, user } = site
  const thief = leaver.copy()
  isPending(await leaver.post(`${gateway.url}/logout`))
  await isRefusedByGateway(site, thief)
  assert.is((await stayer.post(`${gateway.url}/refresh`)).status, 200, 'refresh goes on')
  const newcomer = await loggedIn(fleet, gateway.url, user)
  assert.is((await newcomer.get(`${gateway.url}/me`)).status, 200, 'login goes on')
  const thiefOfNewcomer = newcomer.copy()
  isPending(await newcomer.post(`${gateway.url}/logout`))
  await isRefusedByGateway(site, thiefOfNewcomer)
  await until(
    'a guard that introspects refuses',
    async () => (await thief.asks(asking.url)) === 401,
  )
  assert.is(await stayer.asks(asking.url), 200)
  return [thief, thiefOfNewcomer]
}

const logGoesAway =
  (servers: OwnServers, { begin, end }: Outage): (() => Promise<void>) =>
  () =>
    onSite(servers, async (site) => {
      const { fleet, gateway, trusting, asking, user } = site
      const leaver = await loggedIn(fleet, gateway.url, user)
      const stayer = await loggedIn(fleet, gateway.url, user)
      assert.is(await leaver.asks(trusting.url), 200)
      await begin()
      try {
        const thieves = await during(site, leaver, stayer)
        for (const thief of thieves) {
          assert.is(await thief.asks(trusting.url), 200, 'only the log can tell this guard')
        }
        await end()
        for (const thief of thieves) {
          await until('the guard hears of it', async () => (await thief.asks(trusting.url)) === 401)
          await until('the view too', () => isInView(fleet, `sid:${thief.access.sid}`))
        }
        for (const { url } of [trusting, asking]) assert.is(await stayer.asks(url), 200)
        const acknowledged = await stayer.post(`${gateway.url}/logout`)
        assert.is(acknowledged.headers.get('revocation-status'), 'acknowledged')
      } finally {
        await end()
      }
    })

const outages = (servers: OwnServers): Claims => {
  const { kafka } = servers
  let isStopped = false
  return {
    // asvs: 16.5.2
    'while Kafka is stopped logins, refreshes and logouts go on, and the fleet hears of them later':
      logGoesAway(servers, {
        begin: async () => {
          await kafka.stop()
          isStopped = true
        },
        end: async () => {
          if (isStopped) await kafka.restart()
          isStopped = false
        },
      }),
    'while Kafka is frozen logins, refreshes and logouts go on, and the fleet hears of them later':
      logGoesAway(servers, { begin: () => kafka.freeze(), end: () => kafka.thaw() }),
  }
}

const servers = await startOwnServers()
if ('missing' in servers) notRun('the log goes away', servers.missing)
else claims('the log goes away', outages(servers))
