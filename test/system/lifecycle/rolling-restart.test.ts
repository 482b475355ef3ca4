import { systemClock } from '../../../shared/kernel/clock.ts'
import { type Fleet, type Member, type User, withFleet } from '../../support/processes/fleet.ts'
import { type Balancer, startBalancer } from '../../support/servers/readiness-balancer.ts'
import { freePort } from '../../support/servers/server-process.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

/**
 * Rolling restarts of real gateways on one LMDB folder, under steady load through a balancer that
 * follows /readyz: no request fails. With CURFEW_DRAIN=0 the first claim fails.
 */
const workers = 4

type Tally = { requests: number; readonly failed: string[] }

const asked = async (
  tally: Tally,
  url: string,
  wanted: number,
  init: RequestInit,
): Promise<unknown> => {
  tally.requests += 1
  try {
    const answer = await fetch(url, init)
    const body = await answer.text()
    if (answer.status !== wanted) tally.failed.push(`${url}: ${answer.status} ${body}`)
    return answer.status === wanted && body !== '' ? JSON.parse(body) : {}
  } catch (error) {
    tally.failed.push(`${url}: ${String(error)}`)
    return {}
  }
}

const posted = (body: object): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

/** Log in, refresh a few times, log out, again and again until `stop`. */
const loadFrom = async (
  { url }: Balancer,
  user: User,
  tally: Tally,
  stop: AbortSignal,
): Promise<void> => {
  while (!stop.aborted) {
    type Pair = { access?: string; refresh?: string }
    let pair = (await asked(tally, `${url}/api/token/`, 200, posted(user))) as Pair
    for (let turn = 0; turn < 5 && pair.refresh; turn += 1) {
      const { refresh } = pair
      pair = (await asked(tally, `${url}/api/token/refresh/`, 200, posted({ refresh }))) as Pair
    }
    const authorization = `Bearer ${pair.access ?? ''}`
    await asked(tally, `${url}/me`, 200, { headers: { authorization } })
    const { refresh = '' } = pair
    await asked(tally, `${url}/api/token/blacklist/`, 200, posted({ refresh }))
  }
}

const rolled = async (fleet: Fleet, port: string, member: Member): Promise<void> => {
  const { code } = await member.stop()
  assert.is(code, 0, member.output())
  assert.match(member.output(), /draining/)
  await fleet.gateway({ CURFEW_PORT: port, CURFEW_DRAIN: '1s' })
}

const loaded = (
  work: (parts: { fleet: Fleet; ports: string[]; members: Member[] }) => Promise<void>,
): Promise<Tally> => {
  const tally: Tally = { requests: 0, failed: [] }
  return withFleet(null, async (fleet) => {
    const user = await fleet.addUser('alice')
    const ports = [String(await freePort()), String(await freePort())]
    const members = await Promise.all(
      ports.map((port) => fleet.gateway({ CURFEW_PORT: port, CURFEW_DRAIN: '1s' })),
    )
    const balancer = await startBalancer(members.map(({ url }) => url))
    const stop = new AbortController()
    const load = Array.from({ length: workers }, () => loadFrom(balancer, user, tally, stop.signal))
    await until('the load runs', () => tally.requests > 2 * workers)
    await work({ fleet, ports, members })
    const after = tally.requests
    await until('the load goes on', () => tally.requests > after + workers)
    stop.abort()
    await Promise.all(load)
    tally.failed.push(...balancer.failures)
    await balancer.close()
  }).then(() => tally)
}

/** When the port stopped taking connections, and what `/readyz` said before. */
const seenDuringStop = async (member: Member): Promise<readonly string[]> => {
  const seen: string[] = []
  const stopping = member.stop()
  while (member.isRunning()) {
    const said = await fetch(`${member.url}/readyz`).then(
      async (answer) => {
        const { status } = (await answer.json()) as { status: string }
        return `${answer.status} ${status} ${answer.headers.get('connection')}`
      },
      () => 'closed',
    )
    if (seen.at(-1) !== said) seen.push(said)
    await systemClock.sleep(10)
  }
  assert.is((await stopping).code, 0)
  return seen
}

const leavesAfter = async (
  fleet: Fleet,
  afterMs: number,
  env: Readonly<Record<string, string>>,
): Promise<void> => {
  const started = fleet.command(['gateway'], env)
  await systemClock.sleep(afterMs)
  started.signal('SIGTERM')
  const { code, signal } = await started.ended
  // Before node has run a line of ours, nobody can listen.
  assert.ok(code === 0 || signal === 'SIGTERM', started.output())
}

claims('a gateway that is told to stop', {
  'fails no request of a balancer that follows /readyz, while two gateways are rolled':
    async () => {
      const { requests, failed } = await loaded(async ({ fleet, ports, members }) => {
        for (const [index, member] of members.entries()) {
          await rolled(fleet, ports[index] ?? '', member)
        }
      })
      process.stdout.write(`rolling restart: ${requests} requests, ${failed.length} failed\n`)
      assert.equal(failed, [])
    },
  'is not ready first, and serves until it closes': () =>
    withFleet(null, async (fleet) => {
      const member = await fleet.gateway({ CURFEW_DRAIN: '500ms' })
      const seen = await seenDuringStop(member)
      assert.ok(seen.includes('503 draining close'), seen.join())
    }),
  'ends at once at a second signal, and without a drain at Ctrl-C or a closed terminal': () =>
    withFleet(null, async (fleet) => {
      const over = { CURFEW_DRAIN: '10m' }
      const twice = await fleet.gateway(over)
      twice.signal('SIGTERM')
      await until('it drains', () => /draining/.test(twice.output()))
      twice.signal('SIGTERM')
      assert.is((await twice.ended).code, 1)
      for (const signal of ['SIGINT', 'SIGHUP'] as const) {
        const member = await fleet.gateway(over)
        member.signal(signal)
        // As `npm start` does.
        if (signal === 'SIGINT') member.signal(signal)
        assert.is((await member.ended).code, 0, member.output())
      }
    }),
  'before it is ready leaves with 0, however early': () =>
    withFleet(null, async (fleet) => {
      const port = String(await freePort())
      // One that is ready by then waits as long as this.
      for (const afterMs of [20, 60, 100, 150, 250]) {
        await leavesAfter(fleet, afterMs, { CURFEW_PORT: port, CURFEW_DRAIN: '2s' })
      }
      // Nobody listens there, so this one is never ready.
      const [kafka, mongo] = [await freePort(), await freePort()]
      const nowhere = {
        CURFEW_KAFKA_BROKERS: `127.0.0.1:${kafka}`,
        CURFEW_MONGODB_URL: `mongodb://127.0.0.1:${mongo}`,
      }
      for (const afterMs of [150, 400, 900, 2_000]) {
        const env = { CURFEW_PORT: port, CURFEW_DRAIN: '10m', ...nowhere }
        await leavesAfter(fleet, afterMs, env)
      }
    }),
})
