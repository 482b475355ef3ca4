import { notRun } from '../../support/not-run.ts'
import {
  type Fleet,
  type Member,
  type Scale,
  type User,
  withFleet,
} from '../../support/processes/fleet.ts'
import { loggedIn, type Visitor } from '../../support/requests/visitor.ts'
import { findScale } from '../../support/scale.ts'
import { assert, type Claims, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { overSse } from '../../support/worlds/sse-orders.ts'

type Site = Readonly<{
  fleet: Fleet
  near: Member
  far: Member
  services: readonly Member[]
  user: User
}>

/** Two gateways, and a service on each of the feeds; the first asks the near gateway alone. */
const onSite = (scale: Scale, prove: (site: Site) => Promise<void>): Promise<void> =>
  withFleet(scale, async (fleet) => {
    const near = await fleet.gateway()
    const [far, projector] = await Promise.all([fleet.gateway(), fleet.projector()])
    const services = await Promise.all([
      fleet.orders(near, { CURFEW_GUARD_NAME: 'direct', CURFEW_ON_STALE: 'deny' }),
      fleet.orders(near, overSse(fleet, new URL(projector.url).port, { CURFEW_GUARD_NAME: 'sse' })),
    ])
    await prove({ fleet, near, far, services, user: await fleet.addUser('alice') })
  })

type Session = Readonly<{ sid: string; status: string }>
const sessionsOf = async (visitor: Visitor, { url }: Member): Promise<readonly Session[]> => {
  const { status, body } = await visitor.get(`${url}/sessions`)
  assert.is(status, 200, JSON.stringify(body))
  return body['sessions'] as readonly Session[]
}

const revoke = async ({ fleet }: Site, args: readonly string[]): Promise<void> => {
  const command = fleet.command(['revoke', ...args, '--json'])
  const { code } = await command.ended
  assert.is(code, 0, command.output())
  assert.match(command.output(), '"status":"acknowledged"')
}

/** The command was acknowledged: gateways refuse at once, services as soon as they hear. */
const isRefusedEverywhere = async (
  thief: Visitor,
  { near, far, services }: Site,
): Promise<void> => {
  for (const { url } of [near, far]) assert.is((await thief.get(`${url}/me`)).status, 401)
  for (const { url } of services) {
    await until('the service refuses', async () => (await thief.asks(url)) === 401)
  }
}

type Shown = Readonly<{ feed: string; ready: boolean; staleness_ms: number }>
const guardsAt = async ({ fleet }: Site, { url }: Member): Promise<readonly Shown[]> => {
  const { id, secret } = fleet.service
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
  const answer = await fetch(`${url}/guards`, { headers: { authorization } })
  assert.is(answer.status, 200)
  return ((await answer.json()) as { guards: readonly Shown[] }).guards
}

/** Every gateway shows the guards that report to any, and how fresh they are. */
const areShownEverywhere = async (site: Site): Promise<void> => {
  const { near, far, services } = site
  for (const gateway of [near, far]) {
    await until('both are shown', async () => {
      const shown = await guardsAt(site, gateway)
      return shown.length === services.length && shown.every(({ ready }) => ready)
    })
    const feeds = (await guardsAt(site, gateway)).map(({ feed }) => feed)
    assert.equal(feeds.toSorted(), ['kafka', 'sse'])
  }
  await services[0]?.kill9()
  await until('the one that was killed grows older than the other', async () => {
    const shown = await guardsAt(site, far)
    const ageOf = (kind: string) => shown.find(({ feed }) => feed === kind)?.staleness_ms ?? 0
    return ageOf('kafka') > ageOf('sse') + 2_000
  })
}

const commandClaims = (scale: Scale): Claims => ({
  'one session of two, listed at the other gateway, is ended alone; guards are shown by both': () =>
    onSite(scale, async (site) => {
      const { fleet, near, far, services, user } = site
      const stays = await loggedIn(fleet, near.url, user)
      const leaves = await loggedIn(fleet, near.url, user)
      const { sid } = leaves.access
      await until('both are listed', async () => (await sessionsOf(stays, far)).length === 2)
      for (const { url } of services) assert.is(await leaves.asks(url), 200)
      await revoke(site, ['session', sid])
      await isRefusedEverywhere(leaves, site)
      for (const { url } of services) assert.is(await stays.asks(url), 200)
      await until('the list says so', async () => {
        const listed = await sessionsOf(stays, far)
        return listed.find((session) => session.sid === sid)?.status === 'ended'
      })
      await revoke(site, ['user', user.username])
      await isRefusedEverywhere(stays, site)
      await areShownEverywhere(site)
    }),
})

const found = await findScale()
if ('missing' in found) notRun('curfew revoke at scale', found.missing)
else claims('curfew revoke, at scale', commandClaims(found.scale))
