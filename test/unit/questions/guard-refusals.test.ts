import { coverageOf, guardRefusals, SessionAge } from '../../../services/gateway/questions/index.ts'
import { openMemoryAuditIndex } from '../../../shared/adapters/memory/audit-index.ts'
import { event } from '../../../shared/events/event.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { aRevoked, aSid, noon } from '../../support/fakes/builders.ts'
import { Dice } from '../../support/fakes/dice.ts'
import { assert, claims } from '../../support/suite.ts'
import { type AskedIndex, askedIndex, type Told } from '../../support/views/asked-index.ts'

const minuteMs = 60_000
const page = { since: null, until: null, order: 'oldest', after: null, limit: 100 } as const

const ageIn = (asked: AskedIndex) =>
  new SessionAge(asked, { ms: minuteMs, since: 0 as EpochMs }, 2 * 3_600_000)
const guardOf = (n: number) => ({ client: 'shop' as never, instance: `i${n}`, name: `orders-${n}` })

claims('how long guards took', {
  'each revocation has the slowest guard of its minute, and the guards that were stale then':
    async () => {
      const dice = new Dice('refusals')
      const told: Told[] = []
      const expected: unknown[] = []
      for (let minute = 0; minute < 40; minute += 1) {
        const at = noon + minute * 10 * minuteMs
        const sid = aSid()
        told.push({ id: `s/${sid}:1:0`, at, event: aRevoked({ sid }) })
        const guards = Array.from({ length: dice.below(4) }, (_, n) => {
          const maxMs = dice.chance(10) ? null : 1 + dice.below(5_000)
          return { ...guardOf(n), count: 1, p50Ms: 1, p99Ms: 1, maxMs }
        })
        const [from, to] = [at - 10_000, at + 50_000] as EpochMs[]
        if (from === undefined || to === undefined) throw new Error('no window')
        const measured = event('PropagationMeasured', { from, to, guards })
        if (guards.length > 0) told.push({ id: `x/p${minute}:0:0`, at: to, event: measured })
        const isStale = dice.chance(30)
        if (isStale) {
          const stale = event('GuardStale', { ...guardOf(9), closedTime: null })
          const fresh = event('GuardFresh', { ...guardOf(9), closedTime: null })
          told.push({ id: `x/s${minute}:0:0`, at: at - 30_000, event: stale })
          told.push({ id: `x/f${minute}:0:0`, at: at + 30_000, event: fresh })
        }
        const bounds = guards.map(({ maxMs }) => maxMs ?? Number.POSITIVE_INFINITY)
        const max = Math.max(...bounds)
        const slowest = guards.length === 0 ? undefined : Number.isFinite(max) ? max : null
        expected.push([sid, guards.length, slowest, isStale ? ['i9'] : []])
      }
      const asked = await askedIndex()
      await asked.tell(...told.sort((a, b) => a.at - b.at))
      const { rows } = await guardRefusals(asked, ageIn(asked), null, page)
      const shown = rows.map(({ key, guards, slowest, stale }) => [
        ...[key.slice('sid:'.length), guards, slowest?.maxMs],
        stale.map(({ instance }) => instance),
      ])
      assert.equal(
        shown.map(([sid, guards, max, stale]) => [sid, guards, max, stale]),
        expected,
      )
    },

  'an answer is complete up to the partition that is farthest behind': async () => {
    const index = openMemoryAuditIndex()
    const asked = await askedIndex(index)
    const other = await index.openLane(1, 2)
    await asked.tell({ id: 's/a:1:0', at: noon, event: aRevoked() })
    const end = async (lane: number, through: number) => {
      const held = (await index.lanes())[lane]
      const { next = 0, lastId = null } = held ?? {}
      await index.add({ lane, events: [], next, lastId, through: through as EpochMs })
    }
    assert.equal(await coverageOf(asked), { from: noon, to: null })
    await end(0, noon + 5)
    assert.equal(await coverageOf(asked), { from: noon, to: null })
    await end(other.lane, noon + 3)
    assert.equal(await coverageOf(asked), { from: noon, to: noon + 3 })
    await end(other.lane, noon + 9)
    assert.equal(await coverageOf(asked), { from: noon, to: noon + 5 })
    await index.openLane(1, 2)
    assert.equal(
      await coverageOf(asked),
      { from: noon, to: null },
      'what is filled anew is not there',
    )
  },
})
