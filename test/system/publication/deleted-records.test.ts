import { notRun } from '../../support/not-run.ts'
import { type Fleet, type Member, type Scale, withFleet } from '../../support/processes/fleet.ts'
import { loggedIn, type Visitor } from '../../support/requests/visitor.ts'
import { findScale } from '../../support/scale.ts'
import { type KafkaOperator, openOperator } from '../../support/servers/kafka-operator.ts'
import { freePort } from '../../support/servers/server-process.ts'
import { assert, type Claims, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { isBlacklisted } from '../../support/views/blacklist-query.ts'
import { overSse } from '../../support/worlds/sse-orders.ts'

/** A guard that accepts or refuses has heard it from the log: this one never asks the gateway. */
const fromLogOnly = { CURFEW_ON_STALE: 'deny' }

type Site = Readonly<{
  fleet: Fleet
  operator: KafkaOperator
  gateway: Member
  gatewayPort: string
  projector: Member
  /** Began to read before anything was deleted. */
  old: readonly Member[]
  /** Logged out; cut off with all of a user's sessions. */
  thieves: readonly Visitor[]
  stayer: Visitor
}>

const deleteAll = ({ fleet, operator }: Site): Promise<void> =>
  operator.deleteRecords({
    topic: `${fleet.env['CURFEW_KAFKA_TOPIC_PREFIX']}auth.revocations`,
    partition: 0,
  })

const cutOff = async (fleet: Fleet, gateway: Member, visitor: Visitor): Promise<void> => {
  const { id, secret } = fleet.service
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
  const cut = { scope: 'subject', id: visitor.access.sub }
  const reply = await visitor.post(`${gateway.url}/revocations`, cut, { authorization })
  assert.is(reply.headers.get('revocation-status'), 'acknowledged')
}

const refusesThieves = async ({ thieves }: Site, guards: readonly Member[]): Promise<void> => {
  for (const { url } of guards) {
    for (const thief of thieves) assert.is.not(await thief.asks(url), 200, 'a thief was let in')
  }
}

/** Until a guard is fresh it lets nobody in, and from then on it knows the thieves. */
const areRightInTheEnd = async (site: Site, guards: readonly Member[]): Promise<void> => {
  for (const { url } of guards) {
    await until('the guard is fresh, and lets in who may come', async () => {
      await refusesThieves(site, guards)
      return (await site.stayer.asks(url)) === 200
    })
    for (const thief of site.thieves) assert.is(await thief.asks(url), 401)
  }
}

const onSite = (scale: Scale, work: (site: Site) => Promise<void>): Promise<void> =>
  withFleet(scale, async (fleet) => {
    const operator = await openOperator(scale.brokers)
    try {
      const [alice, bob] = [await fleet.addUser('alice'), await fleet.addUser('bob')]
      const gatewayPort = String(await freePort())
      const gateway = await fleet.gateway({ CURFEW_PORT: gatewayPort })
      const [orders, projector] = await Promise.all([
        fleet.orders(gateway, fromLogOnly),
        fleet.projector(),
      ])
      const far = await fleet.orders(gateway, overSse(fleet, new URL(projector.url).port))
      const leaver = await loggedIn(fleet, gateway.url, alice)
      const cut = await loggedIn(fleet, gateway.url, bob)
      const stayer = await loggedIn(fleet, gateway.url, alice)
      const thieves = [leaver.copy(), cut.copy()]
      const { headers } = await leaver.post(`${gateway.url}/logout`)
      assert.is(headers.get('revocation-status'), 'acknowledged')
      await cutOff(fleet, gateway, cut)
      const old = [orders, far]
      // An acknowledged end is in the log; a guard has read it some milliseconds later.
      for (const { url } of old) {
        for (const thief of thieves) {
          await until('the guard has heard', async () => (await thief.asks(url)) !== 200)
        }
      }
      const site = { fleet, operator, gateway, gatewayPort, projector, old, thieves, stayer }
      await areRightInTheEnd(site, old)
      await work(site)
    } finally {
      await operator.close()
    }
  })

/** On Kafka by itself, and behind a projector that begins to read as late. */
const lateGuards = async ({ fleet, gateway }: Site): Promise<readonly Member[]> => {
  const feedPort = String(await freePort())
  // Ready only when they are fresh, which they prove below: until then they are asked all the same.
  const projector = await fleet.projector({ CURFEW_PORT: feedPort })
  const [near, far] = await Promise.all([
    fleet.orders(gateway, fromLogOnly),
    fleet.orders(gateway, overSse(fleet, new URL(projector.url).port)),
  ])
  return [near, far]
}

const alarm = 'were deleted from auth.revocations'

const deletions = (scale: Scale): Claims => ({
  'records deleted under a running fleet: nobody who was revoked is let in, by old guards or new':
    () =>
      onSite(scale, async (site) => {
        const { fleet, gateway, old, thieves } = site
        await deleteAll(site)
        const late = await lateGuards(site)
        await areRightInTheEnd(site, [...old, ...late])
        for (const thief of thieves) {
          await until('the view has it', () => isBlacklisted(fleet, thief.access))
        }
        await until('the gateway tells of it', () => gateway.output().includes(alarm))
        const [sid] = thieves.map(({ access }) => `sid:${access.sid}`)
        assert.ok(gateway.output().includes(sid ?? 'nobody'), 'it says whom it is about')
      }),

  'records deleted while no gateway ran: a guard that begins then waits for one that starts': () =>
    onSite(scale, async (site) => {
      const { fleet, gateway, gatewayPort, old } = site
      await gateway.kill9()
      await deleteAll(site)
      const waiting = lateGuards({ ...site, gateway })
      waiting.catch(() => {})
      await refusesThieves(site, old)
      const again = await fleet.gateway({ CURFEW_PORT: gatewayPort })
      await areRightInTheEnd(site, [...old, ...(await waiting)])
      await until('the gateway tells of it', () => again.output().includes(alarm))
    }),

  'deleted again and again while people log out: each logout holds at a guard that begins after it':
    () =>
      onSite(scale, async (site) => {
        const { fleet, gateway, stayer } = site
        const user = await fleet.addUser('carol')
        const gone: Visitor[] = []
        for (let turn = 0; turn < 6; turn += 1) {
          const visitor = await loggedIn(fleet, gateway.url, user)
          const thief = visitor.copy()
          assert.is((await visitor.post(`${gateway.url}/logout`)).status, 200)
          gone.push(thief)
          await deleteAll(site)
        }
        const guard = await fleet.orders(gateway, fromLogOnly)
        await areRightInTheEnd({ ...site, thieves: [...site.thieves, ...gone] }, [guard])
        assert.is(await stayer.asks(guard.url), 200)
      }),
})

const found = await findScale()
if ('missing' in found) notRun('records that were deleted', found.missing)
else claims('records that were deleted', deletions(found.scale))
