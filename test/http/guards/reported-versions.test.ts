import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { GuardMeter } from '../../../shared/guard/reporting/guard-meter.ts'
import { reportGuard } from '../../../shared/guard/reporting/guard-report.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { newJar } from '../../support/processes/browser.ts'
import { projectRoot } from '../../support/project-files.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import { lmdbBacking } from '../../support/worlds/world-backing.ts'

type Report = Readonly<Record<string, unknown>>
const folder = join(projectRoot, 'test/golden/guard-reports')
const versions = readdirSync(folder)
  .sort()
  .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Report)
const newest = versions.at(-1) ?? {}

const env = { CURFEW_SERVICE_CLIENTS: 'eu:another-long-secret:revoke' }
const headers = {
  authorization: `Basic ${Buffer.from('eu:another-long-secret').toString('base64')}`,
}
const tell = (world: World, instance: string, json: object) =>
  world.send(`/guards/${instance}`, newJar(), { json, headers })
const listed = async (world: World): Promise<readonly Report[]> => {
  const { body } = await world.send('/guards', newJar(), { method: 'GET', headers })
  return (body as { guards: readonly Report[] }).guards
}

claims('reports of guards of every version', {
  'are noted and shown': () =>
    inWorld({ env, backing: lmdbBacking }, async (world) => {
      assert.ok(versions.length >= 3)
      for (const [index, report] of versions.entries()) {
        assert.is((await tell(world, `a${index}`, report)).status, 204)
      }
      const shown = await listed(world)
      for (const [index, { trail, silent_ms: silent }] of shown.entries()) {
        const said = versions[index]?.['trail'] as { age_ms?: number } | undefined
        // An older guard does not say how old its head is.
        const age = said?.age_ms === undefined ? null : said.age_ms + Number(silent)
        assert.equal(trail, said && { ...said, age_ms: age })
      }
    }),

  'may say more than the gateway knows: older gateways note newer guards': () =>
    inWorld({ env }, async (world) => {
      assert.is((await tell(world, 'a1', { ...newest, later: { a: 1 } })).status, 204)
      assert.not.ok('later' in ((await listed(world))[0] ?? {}))
    }),

  'are refused by the name of the member for what no guard saw of a trail': () =>
    inWorld({ env }, async (world) => {
      const trail = newest['trail'] as { head: object }
      for (const wrong of [
        { state: 'fine' },
        { head: { ...trail.head, size: -1 } },
        { head: { ...trail.head, root: 'x' } },
        { head: { ...trail.head, origin: 'o'.repeat(513) } },
        { seen_at: 1.5 },
        { age_ms: -1 },
      ]) {
        const { status, body } = await tell(world, 'a1', {
          ...newest,
          trail: { ...trail, ...wrong },
        })
        assert.equal([status, Object.keys(body as object)], [400, ['trail']])
      }
    }),

  'have the members that a guard of today sends': async () => {
    const clock = fakeClock()
    const sent: string[] = []
    const fetch = async (_url: URL, init: RequestInit) => {
      sent.push(String(init.body))
      return new Response(null, { status: 204 })
    }
    const { refusalSeconds } = new GuardMeter()
    const status = { closedTime: null, stalenessMs: null, ready: false, entries: 0 }
    const sight = { state: 'consistent', head: null, seenAt: 1 as EpochMs, ageMs: 2 } as const
    const reporter = reportGuard({
      ...{ guard: { metrics: () => ({ ...status, refusalSeconds }) as never }, clock, fetch },
      ...{ url: new URL('https://a.example/guards/a1'), clientId: 'eu', secret: 's' },
      ...{ name: 'orders', feed: 'sse', witness: { sight: () => sight } },
    })
    await clock.advance(1_000)
    await until('it reported', () => sent.length > 0)
    await reporter.close()
    const told = JSON.parse(sent[0] ?? '{}') as Report
    assert.equal(Object.keys(told), Object.keys(newest))
    assert.equal(Object.keys(told['trail'] as object), Object.keys(newest['trail'] as object))
  },
})
