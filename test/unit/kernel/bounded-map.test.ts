import fc from 'fast-check'
import { setInBoundedMap } from '../../../shared/kernel/bounded-map.ts'
import { assert, claims } from '../../support/suite.ts'

claims('a map that remembers the newest', {
  'holds what was set last, each key once, in the order in which it was set': () => {
    const sets = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', ''), fc.integer()))
    fc.assert(
      fc.property(sets, fc.integer({ min: 1, max: 4 }), (drawn, max) => {
        const known = new Map<string, number>()
        for (const [key, value] of drawn) setInBoundedMap(known, key, value, max)
        const last = new Map<string, number>()
        for (const [key, value] of drawn.toReversed()) if (!last.has(key)) last.set(key, value)
        assert.equal([...known], [...last].slice(0, max).reverse())
      }),
    )
  },
})
