import { notRun } from '../../support/not-run.ts'
import {
  type Fleet,
  type Member,
  type Scale,
  type User,
  withFleet,
} from '../../support/processes/fleet.ts'
import { loggedIn, Visitor } from '../../support/requests/visitor.ts'
import { findScale } from '../../support/scale.ts'
import { assert, type Claims, claims } from '../../support/suite.ts'
import { race, until } from '../../support/until.ts'
import { isBlacklisted } from '../../support/views/blacklist-query.ts'

const sessions = 24
/**
 * A dead projector is missed after 10 s, and its partitions are handed on after the others came
 * back.
 */
const takeOverMs = 45_000

type Two = readonly [Member, Member]
type Site = Readonly<{ gateways: Two; projectors: Two; orders: Two }>

const openSite = async (fleet: Fleet): Promise<Site> => {
  const first = await fleet.gateway()
  const [second, ...projectors] = await Promise.all([
    fleet.gateway(),
    fleet.projector(),
    fleet.projector(),
  ])
  // Each trusts another gateway for keys and introspection: the death of one is felt by one.
  const orders = await Promise.all([
    fleet.orders(first, { CURFEW_ON_STALE: 'deny' }),
    fleet.orders(second, { CURFEW_ON_STALE: 'deny' }),
  ])
  return { gateways: [first, second], projectors, orders }
}

/** At one gateway, and at the other when the first does not answer any more. */
const postAtEither = async (visitor: Visitor, path: string, gateways: readonly Member[]) => {
  for (const { url } of gateways) {
    const reply = await visitor.post(`${url}${path}`).catch(() => null)
    if (reply) return reply
  }
  throw new Error(`no gateway answered ${path}`)
}

/** Every third session logs out, at a session's own gateway first; the others are refreshed. */
const leaves = (index: number): boolean => index % 3 === 0

const busy = async (
  { gateways: [first, second] }: Site,
  visitors: readonly Visitor[],
  onAnswer: () => void,
): Promise<void> => {
  await race(visitors.length, async (index) => {
    const visitor = visitors[index]
    if (!visitor) return
    const gateways = index % 2 === 0 ? [first, second] : [second, first]
    const reply = await postAtEither(visitor, leaves(index) ? '/logout' : '/refresh', gateways)
    onAnswer()
    // A logout that was carried out without an answer is told that the session is dead.
    const good = leaves(index) ? [200, 401] : [200]
    assert.ok(good.includes(reply.status), `session ${index} was answered ${reply.status}`)
  })
}

const verdictsAgree = async (
  fleet: Fleet,
  { orders }: Site,
  before: readonly Visitor[],
  after: readonly Visitor[],
): Promise<void> => {
  for (const [index, thief] of before.entries()) {
    const visitor = leaves(index) ? thief : after[index]
    assert.ok(visitor)
    const wanted = leaves(index) ? 401 : 200
    const told = `session ${index} is answered ${wanted}`
    for (const { url } of orders) {
      await until(told, async () => (await visitor.asks(url)) === wanted, takeOverMs)
    }
    const isThere = async (): Promise<boolean> =>
      (await isBlacklisted(fleet, visitor.access)) === leaves(index)
    await until(`the collection agrees on session ${index}`, isThere, takeOverMs)
  }
}

const oneDies = (scale: Scale) => (): Promise<void> =>
  withFleet(
    scale,
    async (fleet) => {
      // Of several people, since concurrent logins of one account are limited before they succeed.
      const users: User[] = []
      for (const name of ['alice', 'bob', 'carol', 'dan']) users.push(await fleet.addUser(name))
      const site = await openSite(fleet)
      const { gateways, projectors, orders } = site
      const visitors = await race(sessions, async (index) => {
        const user = users[index % users.length]
        assert.ok(user)
        const visitor = await loggedIn(fleet, gateways[index % 2 === 0 ? 0 : 1].url, user)
        const other = gateways[index % 2 === 0 ? 1 : 0]
        assert.is((await visitor.post(`${other.url}/refresh`)).status, 200)
        return visitor
      })
      const before = visitors.map((visitor) => visitor.copy())
      let answers = 0
      const traffic = busy(site, visitors, () => {
        answers += 1
      })
      traffic.catch(() => {}) // Met below.
      await until('some are answered', () => answers >= 3)
      await Promise.all([gateways[0].kill9(), projectors[0].kill9()])
      assert.ok(answers < sessions, 'they died in the middle')
      await traffic
      await verdictsAgree(fleet, site, before, visitors)
      for (const { code } of await fleet.stopAll([gateways[1], projectors[1], ...orders])) {
        assert.is(code, 0)
      }
    },
    { CURFEW_REFRESH_GRACE_PERIOD: '2m' },
  )

const everyCutoff = (scale: Scale) => (): Promise<void> =>
  withFleet(scale, async (fleet) => {
    const [alice, bob] = [await fleet.addUser('alice'), await fleet.addUser('bob')]
    const { url, ordersUrl } = await fleet.everything()
    const { id, secret } = fleet.service
    const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
    const revoke = async (body: object): Promise<void> => {
      const reply = await new Visitor(fleet).post(`${url}/revocations`, body, { authorization })
      assert.is(reply.status, 200)
    }
    const isDead = async (visitor: Visitor, dead: boolean): Promise<void> => {
      const wanted = dead ? 401 : 200
      await until('the guard knows', async () => (await visitor.asks(ordersUrl)) === wanted)
      const agrees = async (): Promise<boolean> =>
        (await isBlacklisted(fleet, visitor.access)) === dead
      await until('the collection knows', agrees)
    }
    const cuts = [
      (of: Visitor) => ({ scope: 'session', id: of.access.sid }),
      (of: Visitor) => ({ scope: 'subject', id: of.access.sub }),
      (of: Visitor) => ({ scope: 'client', id: of.access.client_id }),
      () => ({ scope: 'all' }),
    ]
    for (const [index, cut] of cuts.entries()) {
      const [one, other] = [await loggedIn(fleet, url, alice), await loggedIn(fleet, url, bob)]
      await isDead(one, false)
      await revoke(cut(one))
      await isDead(one, true)
      // Clients and `all` end everyone's sessions; a session and a subject are one person's.
      await isDead(other, index >= 2)
    }
  })

const topology = (scale: Scale): Claims => ({
  'two of each: one gateway and one projector die, and every verdict is right': oneDies(scale),
  'the documented query knows each scope of a revocation as the guard does': everyCutoff(scale),
})

const found = await findScale()
if ('missing' in found) notRun('a fleet of six processes', found.missing)
else claims('a fleet of six processes', topology(found.scale))
