import {
  countedIn,
  propagationSummary,
} from '../../../../services/gateway/guards/propagation-summary.ts'
import { GuardMeter } from '../../../../shared/guard/reporting/guard-meter.ts'
import type { ClientId } from '../../../../shared/kernel/ids.ts'
import type { GuardReport, RefusalCounts } from '../../../../shared/ports/guard-registry.ts'
import { later, noon } from '../../../support/fakes/builders.ts'
import { Dice } from '../../../support/fakes/dice.ts'
import { assert, claims } from '../../../support/suite.ts'

const aReport = (instance: string, refusals?: RefusalCounts): GuardReport => ({
  ...{ client: 'shop' as ClientId, instance, name: 'orders', feed: 'kafka', ready: true },
  ...{ closedTime: noon, stalenessMs: 1_250, revocations: 3, reportedAt: later(1_000) },
  ...(refusals && { refusals }),
})
const minute = { from: noon, to: later(60_000) }
const boundsMs = new GuardMeter().refusalSeconds.buckets.map(({ le }) => le * 1_000)
/** The smallest bound that is no less: what a histogram can say of a duration. */
const bounded = (ms: number): number | null => boundsMs.find((bound) => ms <= bound) ?? null

claims('how long guards took to refuse, a minute', {
  'is what each guard counted since the look before, rounded up to its bounds': () => {
    const dice = new Dice('propagation')
    for (let run = 0; run < 100; run += 1) {
      const meter = new GuardMeter()
      for (let n = dice.below(50); n > 0; n -= 1) meter.countRefusalDelay(dice.below(90_000))
      const before = countedIn([aReport('a1', meter.refusalSeconds)])
      const drawn = Array.from({ length: 1 + dice.below(40) }, () => dice.below(90_000))
      for (const ms of drawn) meter.countRefusalDelay(ms)
      const [event] = propagationSummary([aReport('a1', meter.refusalSeconds)], before, minute)
      const sorted = drawn.sort((a, b) => a - b)
      const at = (share: number): number | null =>
        bounded(sorted[Math.ceil(share * sorted.length) - 1] ?? 0)
      assert.equal(event?.data, {
        ...minute,
        guards: [
          {
            ...{ client: 'shop', instance: 'a1', name: 'orders', count: drawn.length },
            ...{ p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) },
          },
        ],
      })
    }
  },

  'is nothing where nothing was refused, nor of guards that just came, or are too old to say':
    () => {
      const meter = new GuardMeter()
      meter.countRefusalDelay(10)
      const same = meter.refusalSeconds
      assert.equal(
        propagationSummary([aReport('a1', same)], countedIn([aReport('a1', same)]), minute),
        [],
      )
      assert.equal(propagationSummary([aReport('a1', same)], new Map(), minute), [])
      assert.equal(propagationSummary([aReport('a1')], countedIn([aReport('a1')]), minute), [])
    },

  'is several events where a fleet has many guards, each within the bounds of a commit': () => {
    const meter = new GuardMeter()
    const none = meter.refusalSeconds
    meter.countRefusalDelay(10)
    const many = Array.from({ length: 250 }, (_, n) => `guard-${n}`.padEnd(64, 'x'))
    const before = countedIn(many.map((instance) => aReport(instance, none)))
    const reports = many.map((instance) => aReport(instance, meter.refusalSeconds))
    const events = propagationSummary(reports, before, minute)
    assert.equal(
      events.map(({ data }) => data.guards.length),
      [100, 100, 50],
    )
    for (const one of events) assert.ok(JSON.stringify(one).length < 32 * 1_024)
  },
})
