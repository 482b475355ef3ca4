import fc from 'fast-check'
import {
  inOrder,
  type Key,
  phaseOf,
} from '../../../../../services/console/browser/model/key-words.ts'
import { assert, claims } from '../../../../support/suite.ts'

const now = Date.parse('2026-11-30T14:03:07Z')
const at = (ms: number): string => new Date(now + ms).toISOString()
const key = (status: Key['status'], until: string | null = null): Key => ({
  ...{ kid: 'a', alg: 'ES256' },
  ...{ status, until },
})

const untils = fc.option(fc.integer({ min: -1e9, max: 1e9 }).map(at))
const keys = fc.array(
  fc.record({
    kid: fc.uuid(),
    alg: fc.constant('ES256'),
    status: fc.constantFrom('next' as const, 'active' as const, 'retired' as const),
    until: untils,
  }),
  { maxLength: 12 },
)

claims('the keys of a ring', {
  'stand with the one that works first, then the next one, then old ones, the longest first':
    () => {
      fc.assert(
        fc.property(keys, (given) => {
          const found = inOrder(given)
          assert.equal(new Set(found), new Set(given))
          assert.is(found.length, given.length)
          const phases = found.map(({ status }) => ['active', 'next', 'retired'].indexOf(status))
          assert.equal(phases, [...phases].sort())
          const ends = found.filter(({ status }) => status === 'retired').map(({ until }) => until)
          const known = ends.filter((until) => until !== null)
          assert.equal(ends.slice(ends.length - known.length), known)
          assert.equal(known, [...known].sort().reverse())
        }),
      )
    },

  'say what each does now; an old one until its instant': () => {
    assert.is(phaseOf('signing', key('active'), now), 'signs now')
    assert.is(phaseOf('signing', key('next'), now), 'signs after the next rotation')
    assert.is(phaseOf('signing', key('retired', at(1)), now), 'still accepted')
    assert.is(phaseOf('signing', key('retired', at(0)), now), 'is over')
    assert.is(phaseOf('events', key('retired'), now), 'still accepted')
    assert.is(phaseOf('personal', key('retired'), now), 'still unwraps')
    assert.is(phaseOf('personal', key('active'), now), 'wraps now')
  },
})
