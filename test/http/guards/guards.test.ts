import {
  attachedGuardMetrics,
  noteGuard,
} from '../../../services/gateway/guards/attached-guards.ts'

import type { StoreClock } from '../../../services/gateway/publication/store-clock.ts'
import { openMemoryGuardRegistry } from '../../../shared/adapters/memory/guard-registry.ts'
import type { GuardMetrics } from '../../../shared/guard/api/guard-metrics.ts'
import type { GuardStatus } from '../../../shared/guard/api/verdict.ts'
import { GuardMeter } from '../../../shared/guard/reporting/guard-meter.ts'
import { reportGuard } from '../../../shared/guard/reporting/guard-report.ts'
import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import type { ClientId, EpochMs } from '../../../shared/kernel/ids.ts'
import { aUser } from '../../support/fakes/builders.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { newJar } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import { lmdbBacking } from '../../support/worlds/world-backing.ts'

type Shown = Readonly<Record<string, unknown>>
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`
const env = {
  CURFEW_SERVICE_CLIENTS: 'ops:a-long-enough-secret:revoke,eu:another-long-secret:feed',
}
const ops = { authorization: basic('ops:a-long-enough-secret') }
const eu = { authorization: basic('eu:another-long-secret') }

const report = {
  name: 'orders',
  feed: 'sse',
  ready: true,
  closed_time: 1_800_000_000_000,
  staleness_ms: 1_100,
  revocations: 4,
}
const tell = (
  world: World,
  json: object = report,
  headers: Record<string, string> = eu,
  path = '/guards/a1',
) => world.send(path, newJar(), { json, headers })
const listed = async (world: World): Promise<readonly Shown[]> => {
  const answer = await world.send('/guards', newJar(), { method: 'GET', headers: ops })
  assert.is(answer.status, 200)
  return (answer.body as { guards: readonly Shown[] }).guards
}

claims('guards at the gateway', {
  'a guard that reports to one gateway is shown by every gateway': () =>
    inWorld({ env, gateways: 2, backing: lmdbBacking }, async (world) => {
      assert.is((await tell(world)).status, 204)
      const second = world.gateways[1] as World
      const [guard, ...others] = await listed({ ...world, send: second.send })
      const { silent_ms: silent, staleness_ms: staleness, ...rest } = guard ?? {}
      const { staleness_ms: told, ...same } = report
      assert.equal([rest, others.length], [{ ...same, client: 'eu', instance: 'a1' }, 0])
      assert.is(staleness, told + Number(silent))
    }),

  'a silent guard grows older, and is gone after a minute': async () => {
    const turned = fakeClock()
    await inWorld({ env, clock: turned }, async (world) => {
      await tell(world)
      await turned.advance(20_000)
      const [guard] = await listed(world)
      assert.equal([guard?.['silent_ms'], guard?.['staleness_ms']], [20_000, 21_100])
      await turned.advance(41_000)
      assert.equal(await listed(world), [])
    })
  },

  'whoever is no service may not report, nor a user without the role look': () =>
    inWorld({ env }, async (world) => {
      assert.is((await tell(world, report, {})).status, 401)
      assert.is((await tell(world, report, { authorization: basic('eu:wrong') })).status, 401)
      const look = async (roles: readonly string[]): Promise<number> => {
        const user = aUser({ roles })
        await world.state.directory.create(user)
        return (await world.send('/guards', await world.open(user), { method: 'GET' })).status
      }
      assert.equal([await look(['user']), await look(['admin'])], [403, 200])
      const reader = await world.send('/guards', newJar(), { method: 'GET', headers: eu })
      assert.is(reader.status, 403)
    }),

  'a report that is none is a 400 with the field’s name': () =>
    inWorld({ env }, async (world) => {
      const bad: [object, string][] = [
        [{}, 'name'],
        [{ ...report, name: 'a b' }, 'name'],
        [{ ...report, ready: 1 }, 'ready'],
        [{ ...report, closed_time: -1 }, 'closed_time'],
        [{ ...report, revocations: 1.5 }, 'revocations'],
      ]
      for (const [json, name] of bad) {
        const answer = await tell(world, json)
        assert.equal([answer.status, Object.keys(answer.body as object)], [400, [name]])
      }
      assert.is((await tell(world, report, eu, '/guards/a%20b')).status, 400)
      assert.equal(await listed(world), [])
    }),
})

claims('a client with as many guards as it may have', {
  'is told so by a code of its own, and another client’s guard is noted and shown': () =>
    inWorld({ env }, async (world) => {
      const reportedAt = world.rooms.context.storeClock.now()
      const { closed_time: _, staleness_ms: stalenessMs, ...told } = report
      for (let count = 0; count < 1_000; count += 1) {
        const guard = { ...told, client: 'eu' as ClientId, instance: `a${count}`, stalenessMs }
        const bound = { since: 0 as EpochMs, max: 1_000 }
        await world.state.guards.note({ ...guard, closedTime: null, reportedAt }, bound)
      }
      const full = await tell(world, report, eu, '/guards/b')
      assert.equal(
        [full.status, full.headers['retry-after'], (full.body as { code: string }).code],
        [429, '60', 'guards_full'],
      )
      assert.is((await tell(world, report, eu, '/guards/a7')).status, 204)
      assert.is((await tell(world, report, ops, '/guards/b')).status, 204)
      const shown = await listed(world)
      assert.equal(
        [shown.length, shown.filter(({ client }) => client === 'ops').length],
        [1_001, 1],
      )
    }),
})

claims('metrics of attached guards', {
  'two clients that give one name and instance are two series: else nothing could be scraped':
    async () => {
      const guards = openMemoryGuardRegistry()
      const storeClock = { now: () => clock.now() } as StoreClock
      const parts = { guards, context: { storeClock } }
      const { closed_time: _, staleness_ms: stalenessMs, ...told } = report
      for (const client of ['eu', 'us'] as ClientId[]) {
        await noteGuard(parts, { ...told, client, instance: 'a1', closedTime: null, stalenessMs })
      }
      const lines = (await attachedGuardMetrics(parts)).split('\n').filter((line) => /{/.test(line))
      const series = lines.map((line) => line.replace(/ [^ ]+$/, ''))
      assert.equal([series.length, new Set(series).size], [4, 4])
    },
})

const status = (): GuardStatus => ({
  ready: true,
  keysReady: true,
  caughtUp: true,
  closedTime: clock.now() as EpochMs,
  stalenessMs: 1_000,
  fresh: true,
  logId: null,
  entries: 2,
  blockedAt: null,
  trouble: null,
})

const meter = new GuardMeter()
const metrics = (): GuardMetrics => ({
  ...status(),
  checks: meter.checks,
  tokens: { hits: 0, misses: 0, entries: 0, bytes: 0 },
  revocationBytes: 0,
  refusalSeconds: meter.refusalSeconds,
  openCallers: 0,
})

claims('reportGuard', {
  'reports until it is closed; a failing gateway is counted and nothing else': () =>
    inWorld({ env }, async (world) => {
      const to = (path: string, secret: string) =>
        reportGuard({
          guard: { metrics },
          url: new URL(`${world.url}${path}`),
          clientId: 'eu',
          secret,
          name: 'orders',
          feed: 'log',
          clock,
          everyMs: 20,
        })
      const good = to('/guards/b1', 'another-long-secret')
      const bad = to('/guards/b2', 'a-wrong-long-secret')
      await until('both reported twice', () => good.counts().sent > 2 && bad.counts().failed > 2)
      await Promise.all([good.close(), bad.close()])
      const { failed } = good.counts()
      assert.equal([failed, (await listed(world)).map(({ instance }) => instance)], [0, ['b1']])
    }),
})
