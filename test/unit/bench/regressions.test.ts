import fc from 'fast-check'
import { checkRatios, checkTable, pooled } from '../../../bench/regressions.ts'
import type { Measured, MeasuredRow } from '../../../bench/results.ts'
import type { Target } from '../../../bench/scenario.ts'
import { assert, claims } from '../../support/suite.ts'

const scenario = (rows: readonly MeasuredRow[], name = 'refresh'): Measured => ({ name, rows })
const ratio = (repeats: readonly number[], target?: Target): MeasuredRow => ({
  measure: 'Curfew / bare',
  unit: '×',
  repeats,
  ...(target ? { target } : {}),
})
const verdictOf = (was: readonly number[], is: readonly number[], target: Target): string => {
  const { judged } = checkRatios([scenario([ratio(was, target)])], [scenario([ratio(is, target)])])
  return judged[0]?.verdict ?? 'none'
}
const atLeast: Target = { atLeast: 0.7 }
const atMost: Target = { atMost: 3 }

claims('the check of ratios', {
  'a ratio that is more than a tenth worse in every repeat has regressed': () => {
    assert.is(verdictOf([0.7, 0.7, 0.7], [0.6, 0.61, 0.62], atLeast), 'regressed')
    assert.is(verdictOf([2, 2, 2], [2.3, 2.25, 2.4], atMost), 'regressed')
  },

  'a tenth is tolerated, in both directions of a target': () => {
    assert.is(verdictOf([1, 1, 1], [0.9, 0.9, 0.9], atLeast), 'held')
    assert.is(verdictOf([1, 1, 1], [1.1, 1.1, 1.1], atMost), 'held')
  },

  'what became better holds, however much, whether or not its target is met': () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 9, noNaN: true }), (was) => {
        assert.is(verdictOf([was], [was * 1.5], { atLeast: 100 }), 'held')
        assert.is(verdictOf([was], [was * 0.5], { atMost: 0.001 }), 'held')
        assert.is(verdictOf([was], [was * 0.5], { atMost: 100 }), 'held')
      }),
    )
  },

  'where one repeat reaches the committed median, the spread is too wide to say': () => {
    assert.is(verdictOf([0.6, 0.7, 0.8], [0.5, 0.55, 0.7], atLeast), 'unclear')
    assert.is(verdictOf([1, 2, 3], [1.9, 2.5, 4], atMost), 'unclear')
  },

  'a ratio far below what it may be is held by a tenth of that, also below 0': () => {
    assert.is(verdictOf([-0.5], [-0.4], { atMost: 1 }), 'held')
    assert.is(verdictOf([-0.5], [-0.3], { atMost: 1 }), 'regressed')
    assert.is(verdictOf([0.1], [0.2], { atMost: 1 }), 'held')
    assert.is(verdictOf([0.1], [0.25], { atMost: 1 }), 'regressed')
    assert.is(verdictOf([0.5], [0.56], { atMost: 1 }), 'regressed')
  },

  'only ratios that must reach something are judged': () => {
    const rows: MeasuredRow[] = [
      { measure: 'per second', unit: 'per s', repeats: [100], target: { atLeast: 90 } },
      ratio([1]),
    ]
    const worse = rows.map((row) => ({ ...row, repeats: [1e-6] }))
    const { judged, unmatched } = checkRatios([scenario(rows)], [scenario(worse)])
    assert.equal([judged, unmatched], [[], []])
  },

  'a ratio that is not committed, or not measured now, is named and fails nothing': () => {
    const one = scenario([ratio([1], atLeast)])
    const none = scenario([])
    assert.equal(checkRatios([none], [one]).unmatched, [
      'refresh: Curfew / bare: no committed figure',
    ])
    assert.equal(checkRatios([one], [none]).unmatched, ['refresh: Curfew / bare: not measured now'])
  },

  'the repeats of a second run are judged with those of the first': () => {
    const [first, second] = [scenario([ratio([0.5])]), scenario([ratio([0.9, 0.7])])]
    assert.equal(pooled(first, second).rows[0]?.repeats, [0.5, 0.9, 0.7])
  },

  'the table names what regressed': () => {
    const was = [scenario([ratio([1], atLeast)])]
    const table = checkTable(checkRatios(was, [scenario([ratio([0.5], atLeast)])]))
    assert.match(
      table,
      /\| refresh \| Curfew \/ bare \| 1\.00 \| 0\.50 \| 50\.0 % worse \| \*\*reg/,
    )
  },
})
