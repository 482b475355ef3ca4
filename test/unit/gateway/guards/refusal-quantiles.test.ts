import {
  refusalQuantiles,
  summedRefusals,
} from '../../../../services/gateway/guards/refusal-quantiles.ts'
import { Dice } from '../../../support/fakes/dice.ts'
import { assert, claims } from '../../../support/suite.ts'

const countsOf = (bounds: readonly number[], seconds: readonly number[]) => ({
  buckets: bounds.map((le) => ({ le, count: seconds.filter((one) => one <= le).length })),
  count: seconds.length,
})

claims('how long all guards took to refuse', {
  'is of guards with the same buckets what one guard would have counted': () => {
    const dice = new Dice('summed')
    const bounds = [0.01, 0.1, 1, 5]
    for (let run = 0; run < 100; run += 1) {
      const drawn = Array.from({ length: 1 + dice.below(4) }, () =>
        Array.from({ length: dice.below(30) }, () => dice.below(8_000) / 1_000),
      )
      const summed = summedRefusals(drawn.map((seconds) => countsOf(bounds, seconds)))
      assert.equal(summed, countsOf(bounds, drawn.flat()))
    }
  },

  'is never said to be shorter than it was, also where guards have other buckets': () => {
    const dice = new Dice('other buckets')
    for (let run = 0; run < 200; run += 1) {
      const drawn = [
        [0.01, 0.1, 1],
        [0.05, 0.5],
        [1, 2, 5],
      ].map((bounds) => ({
        bounds,
        seconds: Array.from({ length: dice.below(20) }, () => dice.below(1_000) / 1_000),
      }))
      const all = drawn.flatMap(({ seconds }) => seconds).sort((a, b) => a - b)
      const summed = summedRefusals(drawn.map(({ bounds, seconds }) => countsOf(bounds, seconds)))
      const { count, p50Ms, maxMs } = refusalQuantiles(summed)
      assert.is(count, all.length)
      const real = (share: number): number => all[Math.ceil(share * count) - 1] ?? 0
      assert.ok(p50Ms === null || p50Ms >= real(0.5) * 1_000)
      assert.ok(maxMs === null || maxMs >= real(1) * 1_000)
    }
  },

  'is not known of nothing, and beyond the last bucket': () => {
    const nothing = { count: 0, p50Ms: null, p99Ms: null, maxMs: null }
    assert.equal(refusalQuantiles(summedRefusals([])), nothing)
    const slow = refusalQuantiles(countsOf([0.1], [0.05, 7]))
    assert.equal(slow, { count: 2, p50Ms: 100, p99Ms: null, maxMs: null })
  },
})
