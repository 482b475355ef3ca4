import { headsIn } from '../../../../services/auditor/heads/index.ts'
import {
  headKey,
  TrailComparison,
  trailDisputes,
} from '../../../../services/gateway/guards/trail-disputes.ts'
import type { ClientId, EpochMs } from '../../../../shared/kernel/ids.ts'
import type { GuardReport, ReportedSight } from '../../../../shared/ports/guard-registry.ts'
import type { TrailHeads } from '../../../../shared/ports/trail-heads.ts'
import { HeadTracker } from '../../../../shared/trail-heads/head-tracker.ts'
import { noon } from '../../../support/fakes/builders.ts'
import { seededEntropy } from '../../../support/fakes/seeded-entropy.ts'
import { assert, claims } from '../../../support/suite.ts'
import { LivingTrail } from '../../../support/trail/living-trail.ts'

/** Guards that look now and then, each at the trail that it is shown; what they report. */
class Guards {
  readonly #all = new Map<string, { followed: HeadTracker; report: GuardReport }>()

  async look(instance: string, trail: LivingTrail): Promise<void> {
    const followed = this.#all.get(instance)?.followed ?? new HeadTracker([])
    const { state } = followed.take(await trail.answer(followed.known()))
    const { kept } = followed
    const head = kept && { ...kept, root: kept.root.toString('base64') }
    const seen: ReportedSight = { state, head, seenAt: noon, ageMs: 0 }
    this.#all.set(instance, { followed, report: reportOf(instance, seen) })
  }

  reports(): readonly GuardReport[] {
    return [...this.#all.values()].map(({ report }) => report)
  }
}

const reportOf = (instance: string, trail: ReportedSight): GuardReport => ({
  ...{ client: 'shop' as ClientId, instance, name: 'orders', feed: 'sse', ready: true },
  ...{ closedTime: noon, stalenessMs: 0, revocations: 0, reportedAt: noon as EpochMs, trail },
})
const disputed = async (
  comparison: TrailComparison,
  reports: readonly GuardReport[],
): Promise<Readonly<Record<string, string>>> => {
  const found = trailDisputes(reports, await comparison.split(reports))
  return Object.fromEntries(found.map(({ event: { data } }) => [data.instance, data.state]))
}
const counted = (heads: TrailHeads) => {
  const asked: string[] = []
  const newest: TrailHeads['newest'] = (known) => {
    asked.push(`${known?.size}`)
    return heads.newest(known)
  }
  return { asked, heads: { newest } }
}

claims('what guards report of the trail', {
  'is compared, and nobody disputes a trail that goes on': async () => {
    const entropy = seededEntropy(7)
    const draw = (below: number): number => entropy.bytes(4).readUInt32BE() % below
    const trail = LivingTrail.begun()
    const guards = new Guards()
    const comparison = new TrailComparison(headsIn(trail.files))
    for (let round = 0; round < 60; round += 1) {
      if (draw(9) === 0) trail.renew()
      else trail.grow(draw(5))
      for (let looks = draw(4); looks > 0; looks -= 1) await guards.look(`g${draw(12)}`, trail)
      assert.equal(await disputed(comparison, guards.reports()), {}, `round ${round}`)
    }
    assert.ok(guards.reports().length > 8)
  },

  'shows who is shown a second past, though no two saw one size, and no others': async () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const entropy = seededEntropy(seed)
      const draw = (below: number): number => entropy.bytes(4).readUInt32BE() % below
      const trail = LivingTrail.begun()
      trail.grow(1 + draw(20))
      const other = trail.copied(1_000)
      const guards = new Guards()
      const comparison = new TrailComparison(headsIn(trail.files))
      for (let guard = 0; guard < 6; guard += 1) {
        trail.grow(1 + draw(3))
        other.grow(1 + draw(3))
        await guards.look(`${guard % 2 ? 'other' : 'ours'}${guard}`, guard % 2 ? other : trail)
      }
      const found = await disputed(comparison, guards.reports())
      assert.equal(found, { other1: 'split', other3: 'split', other5: 'split' }, `seed ${seed}`)
    }
  },

  'is compared by equal sizes where this gateway knows of no trail': async () => {
    const trail = LivingTrail.begun()
    const other = trail.copied(1_000)
    trail.grow(3)
    other.grow(3)
    const guards = new Guards()
    const comparison = new TrailComparison(null)
    await guards.look('a', trail)
    assert.equal(await disputed(comparison, guards.reports()), {})
    await guards.look('b', other)
    assert.equal(await disputed(comparison, guards.reports()), { a: 'split', b: 'split' })
  },

  'says of a guard what it disputes itself, and nothing of one that was shown nothing':
    async () => {
      const comparison = new TrailComparison(null)
      const head = { origin: 'a/heads', size: 3, root: 'r' }
      const states = ['shorter', 'rewritten', 'discontinued', 'unsigned'] as const
      const reports = [...states, 'unreachable' as const].map((state) =>
        reportOf(state, {
          state,
          head: state === 'unsigned' ? null : head,
          seenAt: null,
          ageMs: null,
        }),
      )
      const found = await disputed(comparison, reports)
      assert.equal(found, Object.fromEntries(states.map((state) => [state, state])))
      const { trail: _, ...older } = reports[0] as GuardReport
      assert.equal(await disputed(comparison, [older]), {})
    },

  'asks once for each head, at most twenty times a look, and again when nothing was shown':
    async () => {
      const trail = LivingTrail.begun()
      const guards = new Guards()
      for (let guard = 0; guard < 50; guard += 1) {
        trail.grow(1)
        await guards.look(`g${guard}`, trail)
      }
      const { asked, heads } = counted(headsIn(trail.files))
      const comparison = new TrailComparison(heads)
      const counts: number[] = []
      for (let looks = 0; looks < 4; looks += 1) {
        assert.equal(await disputed(comparison, guards.reports()), {})
        counts.push(asked.length)
      }
      assert.equal(counts, [20, 40, 50, 50])
      const away = counted({ newest: async () => Promise.reject(new Error('away')) })
      const waiting = new TrailComparison(away.heads)
      for (const count of [1, 2]) {
        assert.equal(await disputed(waiting, guards.reports()), {})
        assert.is(away.asked.length, count)
      }
    },

  'of a service that reports what nobody signed accuses no other guard': async () => {
    const trail = LivingTrail.begun()
    trail.grow(9)
    const guards = new Guards()
    await guards.look('honest', trail)
    const [honest] = guards.reports()
    const head = honest?.trail?.head
    assert.ok(honest && head)
    const lie = { ...head, root: Buffer.alloc(32, 7).toString('base64') }
    const liar = reportOf('liar', { state: 'consistent', head: lie, seenAt: noon, ageMs: 0 })
    assert.is.not(headKey(lie), headKey(head))
    for (const reports of [
      [liar, honest],
      [honest, liar],
    ]) {
      const comparison = new TrailComparison(headsIn(trail.files))
      assert.equal(await disputed(comparison, reports), { liar: 'split' })
    }
  },
})
