import {
  indexesPerList,
  StatusListIndexes,
} from '../../../../services/gateway/status-list/status-list-indexes.ts'
import { systemEntropy as entropy } from '../../../../shared/kernel/entropy.ts'
import type { EpochSeconds } from '../../../../shared/kernel/ids.ts'
import { parseListName, windowEnd } from '../../../../shared/session/status-list-index.ts'
import { noon, noonSeconds } from '../../../support/fakes/builders.ts'
import { assert, claims } from '../../../support/suite.ts'

const lists = (): StatusListIndexes => new StatusListIndexes({ entropy, now: () => noon })
const after = (seconds: number): EpochSeconds => (noonSeconds + seconds) as EpochSeconds

claims('Places in status lists', {
  'are never given twice, and a list is half full at most': () => {
    const open = lists()
    const count = indexesPerList + 10
    const places = new Set<string>()
    const sizes = new Map<string, number>()
    for (let drawn = 0; drawn < count; drawn += 1) {
      const { list, idx } = open.assign(noonSeconds, { all: -1 })
      assert.ok(Number.isInteger(idx) && idx >= 0 && idx < indexesPerList)
      places.add(`${list}/${idx}`)
      sizes.set(list, (sizes.get(list) ?? 0) + 1)
    }
    assert.is(places.size, count)
    assert.equal([...sizes.values()], [indexesPerList / 2, indexesPerList / 2, 10])
  },

  'lie in the window of the token’s end, apart by the cutoff of everyone': () => {
    const open = lists()
    const drawn = [
      [after(0), -1],
      [after(0), 3],
      [after(900), 3],
    ] as const
    const names = drawn.map(([exp, all]) => parseListName(open.assign(exp, { all }).list))
    assert.equal(
      names.map((name) => [name?.until, name?.all]),
      drawn.map(([exp, all]) => [windowEnd(exp), all]),
    )
    const again = open.assign(after(1), { all: 3 }).list
    assert.is(parseListName(again)?.shard, names[1]?.shard)
  },

  'are in lists of its own for each process': () => {
    const drawn = Array.from({ length: 50 }, () => lists().assign(noonSeconds, { all: -1 }).list)
    assert.is(new Set(drawn).size, 50)
  },

  'are drawn at random': () => {
    const open = lists()
    const drawn = Array.from({ length: 200 }, () => open.assign(noonSeconds, { all: -1 }).idx)
    const below = drawn.filter((idx) => idx < indexesPerList / 2).length
    assert.ok(below > 20 && below < 180, `${below} of 200 in the lower half`)
  },
})
