import fc from 'fast-check'
import { SortedNamesCache } from '../../../shared/kernel/sorted-names-cache.ts'
import { assert, claims } from '../../support/suite.ts'

claims('a remembered order', {
  'is that of a sort, whichever lists came before': () => {
    const name = fc.constantFrom('a', 'b', 'B', 'ab', 'a\nb', '', 'é', '\ud800', '10', '9')
    const lists = fc.array(fc.array(name, { maxLength: 6 }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(lists, (drawn) => {
        const orders = new SortedNamesCache()
        for (const names of [...drawn, ...drawn]) {
          const before = [...names]
          assert.equal(orders.of(names), [...names].sort())
          assert.equal(names, before)
        }
      }),
      { numRuns: 500 },
    )
  },

  'outlives a list that its owner changes': () => {
    const orders = new SortedNamesCache()
    const names = ['b', 'a']
    orders.of(names)
    names.reverse()
    assert.equal(orders.of(['b', 'a']), ['a', 'b'])
    assert.equal(orders.of(names), ['a', 'b'])
  },
})
