import { headsIn } from '../../../../services/auditor/heads/index.ts'
import type { TrailSight } from '../../../../shared/guard/api/trail-sight.ts'
import { GuardMeter } from '../../../../shared/guard/reporting/guard-meter.ts'
import { reportGuard } from '../../../../shared/guard/reporting/guard-report.ts'
import { witnessTrail } from '../../../../shared/guard/witnessing/witness-trail.ts'
import { isAuthError } from '../../../../shared/kernel/errors.ts'
import type { EpochSeconds } from '../../../../shared/kernel/ids.ts'
import { fakeClock } from '../../../support/fakes/fake-clock.ts'
import { assert, claims } from '../../../support/suite.ts'
import { LivingTrail } from '../../../support/trail/living-trail.ts'
import { until } from '../../../support/until.ts'
import {
  type Attached,
  attach,
  gateway,
  metadata,
  network,
  outcomeOf,
  tokenOf,
  within,
} from '../../../support/worlds/attached-network.ts'

const minuteMs = 60_000
const url = new URL(`${gateway}/audit/head`)
const named = { ...metadata, curfew_audit_head_endpoint: url.href }

type Reported = Readonly<{
  trail?: Readonly<{
    state: string
    head: Readonly<{ origin: string; size: number; root: string }> | null
    seen_at: number | null
    age_ms: number | null
  }>
}>
const reportsOf = ({ asked }: Attached): readonly Reported[] =>
  asked
    .filter(({ path }) => path.startsWith('/guards/'))
    .map(({ body }) => JSON.parse(body) as Reported)

/** The next minute’s look, and the report behind it. */
const nextMinute = async (attached: Attached): Promise<Reported['trail']> => {
  const { length } = attached.asked.filter(({ path }) => path === '/audit/head')
  await attached.clock.advance(minuteMs)
  await until('it looked', () => {
    const looks = attached.asked.filter(({ path }) => path === '/audit/head').length
    return looks > length
  })
  const before = reportsOf(attached).length
  await attached.clock.advance(5_000)
  await until('it reported', () => reportsOf(attached).length > before)
  return reportsOf(attached).at(-1)?.trail
}
/** By what it knows itself: the network’s feed and clock stand still meanwhile. */
const lets = async (attached: Attached): Promise<boolean> => {
  const exp = (Math.floor(attached.clock.now() / 1_000) + 60) as EpochSeconds
  return (await outcomeOf(attached, { 'x-token': `Bearer ${tokenOf({ exp })}` })) === 200
}

const attachedTo = (trail: LivingTrail, over = {}) =>
  attach({ onStale: 'allow', ...over }, { metadata: named, heads: headsIn(trail.files) })

claims('an attached guard', {
  'follows the trail that its gateway names, and reports the newest head': async () => {
    const trail = LivingTrail.begun()
    await within(attachedTo(trail), async (attached) => {
      for (const goOn of [() => {}, () => trail.grow(40), () => trail.renew()]) {
        goOn()
        const sight = await nextMinute(attached)
        assert.is(sight?.state, 'consistent')
        const [origin, size, root] = (await trail.answer(null)).lives[0]?.head.split('\n') ?? []
        assert.equal(sight?.head, { origin, size: Number(size), root })
        assert.ok(Math.abs((sight?.seen_at ?? 0) - attached.clock.now()) <= minuteMs)
      }
      assert.equal(attached.alarms, [])
    })
  },

  'says for how long it was shown no newer head, which one past alone cannot hide': async () => {
    const trail = LivingTrail.begun()
    await within(attachedTo(trail), async (attached) => {
      await nextMinute(attached)
      trail.grow(1)
      const ages: number[] = []
      for (let looks = 0; looks < 3; looks += 1) {
        const sight = await nextMinute(attached)
        assert.is(sight?.state, 'consistent')
        ages.push(sight?.age_ms ?? -1)
      }
      const [first = 0, second = 0, third = 0] = ages
      assert.ok(first >= 0 && first < minuteMs, ages.join())
      assert.equal([second - first, third - second], [65_000, 65_000])
      attached.state.heads = null
      assert.ok(((await nextMinute(attached))?.age_ms ?? 0) > third, 'also while nothing is shown')
      trail.grow(1)
      attached.state.heads = headsIn(trail.files)
      const age = (await nextMinute(attached))?.age_ms ?? -1
      assert.ok(age >= 0 && age < minuteMs, `${age}`)
    })
  },

  'tells of a second past each minute, keeps what it saw, and lets callers in': async () => {
    const trail = LivingTrail.begun()
    const other = trail.copied(1_000)
    trail.grow(5)
    other.grow(9)
    await within(attachedTo(trail), async (attached) => {
      const before = (await nextMinute(attached))?.head
      attached.state.heads = headsIn(other.files)
      for (let look = 1; look <= 2; look += 1) {
        const sight = await nextMinute(attached)
        assert.equal([sight?.state, sight?.head], ['rewritten', before])
        const told = attached.alarms.filter(({ kind }) => kind === 'trail_disputed')
        assert.is(told.length, look)
        assert.match(told[0]?.detail ?? '', /^rewritten: .* 10 \S+=, and this guard saw .* 6 \S+=$/)
        assert.ok(await lets(attached))
      }
      trail.grow(1)
      attached.state.heads = headsIn(trail.files)
      assert.is((await nextMinute(attached))?.state, 'consistent')
    })
  },

  'reports that nothing is shown, tells nobody else of it, and lets callers in': async () => {
    const trail = LivingTrail.begun()
    await within(attachedTo(trail), async (attached) => {
      const before = (await nextMinute(attached))?.head
      for (const broken of [
        { newest: async () => null },
        { newest: async () => 'rubbish' },
        { newest: async () => '{"lives":[],"keys":[]}' },
        { newest: async () => Promise.reject(new Error('away')) },
      ]) {
        attached.state.heads = broken
        const sight = await nextMinute(attached)
        assert.equal([sight?.state, sight?.head], ['unreachable', before])
        assert.ok(await lets(attached))
      }
      assert.equal(attached.alarms, [])
    })
  },

  'soon sees the first head of a trail that just begins, and asks ever more seldom until then':
    async () => {
      const trail = LivingTrail.begun()
      await within(attachedTo(trail), async (attached) => {
        const looks = () => attached.asked.filter(({ path }) => path === '/audit/head').length
        attached.state.heads = null
        attached.asked.length = 0
        for (let seconds = 0; seconds < 300; seconds += 1) await attached.clock.advance(1_000)
        assert.is(looks(), 5)
        assert.ok(reportsOf(attached).length > 50)
      })
      await within(attach({}, { metadata: named }), async (attached) => {
        const looks = () => attached.asked.filter(({ path }) => path === '/audit/head').length
        for (const waitMs of [3_750, 7_500, 15_000, 30_000, minuteMs, minuteMs]) {
          const before = looks()
          await attached.clock.advance(waitMs - 1)
          assert.is(looks(), before, `${waitMs}`)
          await attached.clock.advance(1)
          await until('it looks again', () => looks() === before + 1)
        }
        assert.ok(reportsOf(attached).every((report) => !('trail' in report)))
        attached.state.heads = headsIn(trail.files)
        assert.is((await nextMinute(attached))?.state, 'consistent')
      })
    },

  'asks for no head where its gateway names none, and for one once it does': async () => {
    const trail = LivingTrail.begun()
    await within(attach({}, { heads: headsIn(trail.files) }), async (attached) => {
      await attached.clock.advance(2 * minuteMs)
      await until('it reports', () => reportsOf(attached).length > 0)
      assert.not.ok(attached.asked.some(({ path }) => path === '/audit/head'))
      assert.ok(reportsOf(attached).every((report) => !('trail' in report)))
      attached.state.metadata = named
      assert.is((await nextMinute(attached))?.state, 'consistent')
    })
  },

  'believes the keys that it is told alone, and refuses what is none': async () => {
    const trail = LivingTrail.begun()
    const others = LivingTrail.begun().keys()
    await within(attachedTo(trail, { auditKeys: trail.keys() }), async (attached) => {
      assert.is((await nextMinute(attached))?.state, 'consistent')
    })
    await within(attachedTo(trail, { auditKeys: others }), async (attached) => {
      const sight = await nextMinute(attached)
      assert.equal([sight?.state, sight?.head], ['unsigned', null])
      assert.ok(attached.alarms.some(({ kind }) => kind === 'trail_disputed'))
    })
    const refused = await attach({ auditKeys: ['a+key'] }).catch((error: unknown) => error)
    assert.ok(isAuthError(refused, 'CONFIG_INVALID') && /auditKeys/.test(refused.message))
  },
})

claims('a guard of its own making, as one that reads Kafka itself', {
  'is a witness by two lines, and reports what it saw': async () => {
    const trail = LivingTrail.begun()
    const clock = fakeClock()
    const { fetch, asked } = network(clock, { heads: headsIn(trail.files) })
    const asking = { clientId: 'orders', secret: 'a secret', clock, fetch }
    const witness = witnessTrail({ url, onAlarm: () => {}, ...asking })
    const status = { closedTime: null, stalenessMs: null, fresh: false, ready: false, entries: 0 }
    const { refusalSeconds } = new GuardMeter()
    const guard = { metrics: () => ({ ...status, refusalSeconds }) as never }
    const reporter = reportGuard({
      ...{ guard, url: new URL(`${gateway}/guards/a1`), name: 'orders', feed: 'kafka' },
      ...{ witness, ...asking },
    })
    await until('it looked', () => witness.sight() !== null)
    await clock.advance(5_000)
    await until('it reported', () => reporter.counts().sent > 0)
    const sent = asked.find(({ path }) => path === '/guards/a1')
    const sight = witness.sight() as TrailSight
    assert.equal((JSON.parse(sent?.body ?? '{}') as Reported).trail?.head, sight.head)
    await reporter.close()
    await witness.close()
    assert.is(clock.sleeping(), 0)
  },
})
