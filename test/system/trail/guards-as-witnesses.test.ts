import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  checkpointFile,
  type Life,
  livesOf,
  openTrailFiles,
  sizeIn,
  treeFolder,
} from '../../../services/auditor/files/index.ts'
import type { GuardAlarm } from '../../../shared/guard/api/alarm.ts'
import { type AttachOptions, attachGuard } from '../../../shared/guard/attach.ts'
import type { Fetch } from '../../../shared/guard/http-client/guard-fetch.ts'
import { type Clock, systemClock } from '../../../shared/kernel/clock.ts'
import { Lifecycle } from '../../../shared/kernel/lifecycle.ts'
import { type Fleet, type Scale, withFleet } from '../../support/processes/fleet.ts'
import { loggedIn } from '../../support/requests/visitor.ts'
import { isMissing, useServers } from '../../support/servers/servers.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

const client = 'shop:a-secret-of-the-shop'
const settings = { CURFEW_SERVICE_CLIENTS: `${client}:introspect+feed+revoke+audit` }
const authorization = `Basic ${Buffer.from(client).toString('base64')}`
const patienceMs = 30_000
/** A guard looks once a minute, and so does a gateway at what guards reported. */
const disputeMs = 90_000

/** Looks once in half a second instead of once a minute. */
const hurried: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 500), signal),
}

type Seen = Readonly<{ state: string; head: Readonly<{ size: number }> | null }>
type Shown = Readonly<{ name: string; feed: string; trail?: Seen }>

/** A guard of a service that goes on while the gateway at `current` comes and goes. */
const attached = async (
  parts: Lifecycle,
  current: () => string,
  over: Partial<AttachOptions> = {},
) => {
  const alarms: GuardAlarm[] = []
  const fetchThere = ((url: URL, init?: RequestInit) =>
    fetch(
      url.href === over.feed ? url : new URL(`${url.pathname}${url.search}`, current()),
      init,
    )) as unknown as Fetch
  await parts.use(
    await attachGuard({
      ...{ gateway: current(), clientId: 'shop', secret: 'a-secret-of-the-shop' },
      ...{ name: 'witness', clock: hurried, fetch: fetchThere },
      onAlarm: (alarm) => alarms.push(alarm),
      ...over,
    }),
  )
  const ask = async (path: string): Promise<unknown> =>
    (await fetch(`${current()}${path}`, { headers: { authorization } })).json()
  const seen = async (): Promise<Seen | null> => {
    const { guards } = (await ask('/guards')) as { guards: readonly Shown[] }
    return guards.find(({ name }) => name === 'witness')?.trail ?? null
  }
  const disputes = async (): Promise<readonly { data: { state: string } }[]> =>
    ((await ask('/audit/events?kind=TrailDisputed')) as { events: { data: { state: string } }[] })
      .events
  return { alarms, seen, disputes }
}

const logIn = async (fleet: Fleet, url: string, name: string): Promise<void> => {
  await loggedIn(fleet, url, await fleet.addUser(name))
}

/** So many heads the copy of a trail has. */
const headsIn = (dir: string): number => {
  const files = openTrailFiles(dir)
  const folder = treeFolder(livesOf(files).at(-1) as Life, 'heads')
  return sizeIn(files.read(join(folder, checkpointFile)) as Buffer)
}

/** The gateways that serve before the auditor is there are told of none. */
const onKafka = (scale: Scale) => (): Promise<void> =>
  withFleet(scale, async (fleet) => {
    const parts = new Lifecycle()
    try {
      const first = await fleet.gateway(settings)
      const auditor = await fleet.auditor(settings)
      const gateway = await fleet.gateway({ ...settings, CURFEW_AUDITOR_URL: auditor.url })
      const projector = await fleet.projector(settings)
      await fleet.orders(gateway, {
        CURFEW_INTROSPECT_CLIENT_ID: 'shop',
        CURFEW_INTROSPECT_CLIENT_SECRET: 'a-secret-of-the-shop',
      })
      await logIn(fleet, first.url, 'anna')
      const feed = `${projector.url}/feed`
      const guard = await attached(parts, () => gateway.url, { feed })
      const trails = async (): Promise<readonly string[]> => {
        const answer = await fetch(`${first.url}/guards`, { headers: { authorization } })
        const { guards } = (await answer.json()) as { guards: readonly Shown[] }
        return guards.map(({ feed: kind, trail }) => `${kind} ${trail?.state}`).sort()
      }
      await until(
        'both see the trail',
        async () => (await trails()).join() === 'kafka consistent,sse consistent',
        90_000,
      )
      await auditor.kill9()
      await until(
        'nothing is shown',
        async () => (await guard.seen())?.state === 'unreachable',
        patienceMs,
      )
      assert.not.ok(guard.alarms.some(({ kind }) => kind === 'trail_disputed'))
    } finally {
      await parts.close()
    }
  })

const { kafka, mongo } = await useServers(['kafka', 'mongo'])

claims('attached guards on Kafka', {
  ...(isMissing(kafka) || isMissing(mongo)
    ? {}
    : {
        'see the trail of the auditor that their gateway names, by either feed': onKafka({
          brokers: kafka.brokers,
          mongoUrl: mongo.url,
        }),
      }),
})

claims('an attached guard of curfew start', {
  'follows its trail over kills, and tells of a backup that was put back': () =>
    withFleet(null, async (fleet) => {
      const parts = new Lifecycle()
      try {
        let curfew = await fleet.everything(settings)
        const guard = await attached(parts, () => curfew.url)
        const trail = join(fleet.dir, 'trail')
        const backup = join(fleet.dir, 'backup')
        let size = 0
        for (const name of ['anna', 'bert', 'carl']) {
          await logIn(fleet, curfew.url, name)
          await until(
            `a longer trail than ${size} is seen`,
            async () => {
              const { state, head } = (await guard.seen()) ?? { state: 'none', head: null }
              assert.ok(['none', 'consistent', 'unreachable'].includes(state), state)
              return state === 'consistent' && (head?.size ?? 0) > size
            },
            patienceMs,
          )
          size = (await guard.seen())?.head?.size ?? 0
          if (name === 'bert') {
            cpSync(trail, backup, { recursive: true })
            // What is put back must lack something that the guard saw, and the trail went on.
            size = Math.max(size, headsIn(backup))
          }
          if (name !== 'carl') {
            await curfew.kill9()
            curfew = await fleet.everything(settings)
          }
        }
        assert.equal(await guard.disputes(), [])
        assert.not.ok(guard.alarms.some(({ kind }) => kind === 'trail_disputed'))

        await curfew.stop()
        rmSync(trail, { recursive: true })
        cpSync(backup, trail, { recursive: true })
        curfew = await fleet.everything(settings)
        await until('it is told', async () => (await guard.disputes()).length > 0, disputeMs)
        // The gateway compares the guard’s last report before the guard itself looks.
        const told = (await guard.disputes()).map(({ data }) => data.state)
        assert.ok(told.every((state) => ['shorter', 'rewritten', 'split'].includes(state)))
        const isTold = () => guard.alarms.some(({ kind }) => kind === 'trail_disputed')
        await until('the guard tells too', isTold, disputeMs)
        const states = ['shorter', 'rewritten']
        const isShown = async () => states.includes((await guard.seen())?.state ?? '')
        await until('GET /guards shows it', isShown, disputeMs)
      } finally {
        await parts.close()
      }
    }),
})
