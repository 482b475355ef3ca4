import {
  type Acl,
  type Grant,
  type GrantsFor,
  grantsFor,
  type LogRole,
} from '../../../shared/adapters/kafka/authorization/needed-acls.ts'
import { systemClock } from '../../../shared/kernel/clock.ts'
import { hourMs } from '../../support/fakes/builders.ts'
import {
  everyRight,
  freshPrefix,
  grantsWithout,
  makeTopics,
  openRightsDesk,
} from '../../support/kafka/rights-desk.ts'
import { notRun } from '../../support/not-run.ts'
import { type Fleet, type Member, withFleet } from '../../support/processes/fleet.ts'
import type { Settings } from '../../support/processes/processes.ts'
import { loggedIn } from '../../support/requests/visitor.ts'
import {
  type AuthorizedKafka,
  startAuthorizedKafka,
} from '../../support/servers/kafka-authorized.ts'
import { isMissing, useServers } from '../../support/servers/servers.ts'
import { assert, type Claims, claims } from '../../support/suite.ts'
import { race, until } from '../../support/until.ts'

type Site = Readonly<{ kafka: AuthorizedKafka; mongoUrl: string }>

const rolesOf: Readonly<Record<string, readonly LogRole[]>> = {
  gateway: ['gateway'],
  projector: ['projector', 'feed'],
  auditor: ['auditor'],
  guard: ['guard'],
}
const users = Object.keys(rolesOf)
const patienceMs = 60_000

const userOf = (role: LogRole): string => (role === 'feed' ? 'projector' : role)

/** Everything but one line is allowed; what is missing is told by name. */
const lacking = async (kafka: AuthorizedKafka, right: Acl): Promise<void> => {
  const { role, resource, name, operation, when } = right
  const [prefix, user] = [freshPrefix(), userOf(role)]
  if (operation !== 'Create') await makeTopics(kafka, prefix)
  await kafka.allow(user, grantsWithout(role, prefix, right))
  // Only a longer lifetime asks for another retention.
  const retentionMs = (operation === 'AlterConfigs' ? 48 : 24) * hourMs
  const desk = await openRightsDesk({ kafka, user, role, prefix }, retentionMs)
  const said = (text: string): boolean =>
    text.includes(`User:${user} may not `) &&
    new RegExp(`\\b${operation}\\b`).test(text.split(`${resource} `)[0] ?? '') &&
    text.includes(` ${resource} ${prefix}${name}`) &&
    text.includes(`--operation ${operation}`)
  try {
    const what = `${user} hears that it may not ${operation} ${name} (${when})`
    await until(what, () => desk.told().some(said), patienceMs).catch((error: unknown) => {
      throw new Error(`${what}, not:\n${desk.told().join('\n')}`, { cause: error })
    })
    if (when === 'setup') return
    await until('readiness shows it', () => desk.log.denials().some(said), patienceMs)
    const tellings = (): number => desk.told().filter(said).length
    const before = tellings()
    await systemClock.sleep(1_500)
    assert.is(tellings(), before, 'what was told is not told again at once')
    await kafka.allow(user, grantsWithout(role, prefix, null))
    await until('it recovers by itself', () => desk.log.denials().length === 0, patienceMs)
  } finally {
    await desk.close()
  }
}

const nothingTooMuch =
  ({ kafka }: Site) =>
  async (): Promise<void> => {
    for (let from = 0; from < everyRight.length; from += 9) {
      const some = everyRight.slice(from, from + 9)
      await race(some.length, async (index) => {
        const right = some[index]
        if (right) await lacking(kafka, right)
      })
    }
  }

const listFor = (
  { kafka }: Site,
  fleet: Fleet,
  user: string,
  when: GrantsFor['when'] = ['always'],
): readonly Grant[] =>
  grantsFor({
    roles: rolesOf[user] ?? [],
    when,
    bootstrap: kafka.brokers.join(','),
    principal: `User:${user}`,
    prefix: fleet.env['CURFEW_KAFKA_TOPIC_PREFIX'] ?? '',
  })

const as = ({ kafka }: Site, user: string, over: Settings = {}): Settings => ({
  ...kafka.settingsOf(user),
  ...over,
})

const scaleOf = ({ kafka, mongoUrl }: Site) => ({ brokers: kafka.brokers, mongoUrl })
const readyz = (url: string): Promise<string> => fetch(`${url}/readyz`).then((one) => one.text())
const isReady = async (url: string): Promise<boolean> =>
  (await fetch(`${url}/readyz`)).status === 200

/** A logout at `gateway` is known to the services within the bound. */
const logoutReaches = async (
  fleet: Fleet,
  gateway: Member,
  services: readonly Member[],
): Promise<void> => {
  const name = `user-${Math.trunc(performance.now())}`
  const visitor = await loggedIn(fleet, gateway.url, await fleet.addUser(name))
  for (const { url } of services) {
    await until('it is let in', async () => (await visitor.asks(url)) === 200, patienceMs)
  }
  const thief = visitor.copy()
  const reply = await visitor.post(`${gateway.url}/logout`)
  assert.is(reply.status, 200)
  for (const { url } of services) {
    await until('it is refused', async () => (await thief.asks(url)) === 401, patienceMs)
  }
}

const openServices = async (
  site: Site,
  fleet: Fleet,
  gateway: Member,
): Promise<readonly [Member, ...Member[]]> => {
  const projector = await fleet.projector(as(site, 'projector'))
  const deny = { CURFEW_ON_STALE: 'deny' }
  const [inThread, byItself, overSse] = await Promise.all([
    fleet.orders(gateway, as(site, 'guard', deny)),
    fleet.orders(gateway, as(site, 'guard', { ...deny, CURFEW_FEED: 'log' })),
    fleet.orders(gateway, {
      ...deny,
      CURFEW_FEED: 'sse',
      CURFEW_KAFKA_BROKERS: '',
      CURFEW_FEED_URL: `${projector.url}/feed`,
      CURFEW_FEED_CLIENT_ID: fleet.service.id,
      CURFEW_FEED_CLIENT_SECRET: fleet.service.secret,
    }),
  ])
  return [projector, inThread, byItself, overSse]
}

/** The first gateway makes the topics; from then on nobody may more than `always` says. */
const exactlyTheList = (site: Site) => (): Promise<void> =>
  withFleet(scaleOf(site), async (fleet) => {
    const { kafka } = site
    await kafka.allow('gateway', listFor(site, fleet, 'gateway', ['always', 'setup']))
    for (const user of ['projector', 'guard']) await kafka.allow(user, listFor(site, fleet, user))
    const first = await fleet.gateway(as(site, 'gateway'))
    await kafka.forbid('gateway', listFor(site, fleet, 'gateway', ['setup']))
    await kafka.allow('gateway', listFor(site, fleet, 'gateway'))
    const [projector, ...orders] = await openServices(site, fleet, first)
    await logoutReaches(fleet, first, orders)
    await first.stop()
    const port = new URL(first.url).port
    const second = await fleet.gateway(as(site, 'gateway', { CURFEW_PORT: port }))
    await logoutReaches(fleet, second, orders)
    for (const { url } of [second, projector, ...orders]) {
      assert.ok(await isReady(url))
      assert.not.match(await readyz(url), /may not/)
    }
    for (const { name, output } of fleet.processes) {
      assert.not.match(output(), /LOG_DENIED|may not (?!\w+ Topic \S*auth\.deadletters)/, name)
    }
    await takenAndGiven(site, fleet, { gateway: second, projector, orders })
  })

type Running = Readonly<{ gateway: Member; projector: Member; orders: readonly Member[] }>

/** Rights that go away under a running fleet: told, nobody ends, all is well once they are back. */
const takenAndGiven = async (site: Site, fleet: Fleet, running: Running): Promise<void> => {
  const { kafka } = site
  const { gateway, projector, orders } = running
  const [inThread, byItself] = orders
  assert.ok(inThread && byItself)
  const taken = users.map((user) => {
    const grants = listFor(site, fleet, user)
    const topic = grants.filter(({ name }) => name.endsWith('auth.revocations'))
    return [user, topic] as const
  })
  for (const [user, grants] of taken) await kafka.forbid(user, grants)
  const named =
    (user: string, { url, output }: Member) =>
    async (): Promise<boolean> => {
      const said = new RegExp(
        `User:${user} may not [A-Za-z, ]+ Topic \\S*auth\\.revocations: kafka-acls`,
      )
      return said.test(await readyz(url)) && said.test(output())
    }
  await until('the gateway says so', named('gateway', gateway), patienceMs)
  await until('the projector says so', named('projector', projector), patienceMs)
  await until('the guard in a thread says so', named('guard', inThread), patienceMs)
  await until('the guard beside it says so', named('guard', byItself), patienceMs)
  assert.ok(await isReady(gateway.url), 'logins go on')
  assert.not.ok(await isReady(projector.url))
  for (const [user, grants] of taken) await kafka.allow(user, grants)
  for (const { url } of [gateway, projector, ...orders]) {
    await until(`${url} is well again`, async () => !/may not/.test(await readyz(url)), patienceMs)
  }
  await logoutReaches(fleet, gateway, orders)
  for (const { name, output } of fleet.processes) {
    const lines = output()
      .split('\n')
      .filter((line) => /"level":50.*may not/.test(line))
    assert.ok(lines.length <= 6, `${name} told it ${lines.length} times`)
  }
}

const rights = (site: Site): Claims => ({
  'a fleet that may do exactly what the list says works, and says what is taken from it':
    exactlyTheList(site),
  // asvs: 13.2.2
  'without any one line of the list something says whose right to do what is missing':
    nothingTooMuch(site),
})

const { mongo } = await useServers(['mongo'])
const kafka = await startAuthorizedKafka(users)
if (isMissing(mongo)) notRun('rights on Kafka', mongo.missing)
else if ('missing' in kafka) notRun('rights on Kafka', kafka.missing)
else claims('rights on Kafka', rights({ kafka, mongoUrl: mongo.url }))
