import { readOptions } from '../../../bench/options.ts'
import { pairsTable } from '../../../bench/pairs.ts'
import { reportJson, reportText, summaryText } from '../../../bench/report.ts'
import { type Measured, readResults } from '../../../bench/results.ts'
import type { Row, Scenario } from '../../../bench/scenario.ts'
import type { Report } from '../../../bench/section.ts'
import { assert, claims } from '../../support/suite.ts'

const scenario = (name: string): Scenario => ({
  name,
  claim: `the claim of ${name}`,
  needs: [],
  measure: () => Promise.reject(new Error('not measured here')),
})
const rows: Row[] = [
  { measure: 'refreshes', unit: 'per s', repeats: [1_200, 1_000, 1_400] },
  {
    ...{ measure: 'Curfew / bare', unit: '×', command: 'refresh', beside: 'bare Koa' },
    ...{ repeats: [0.75, 0.7, 0.8], target: { atLeast: 0.7 } },
  },
  { measure: 'p99 / p50', unit: '×', repeats: [4, 5, 3.5], target: { atMost: 3 } },
  {
    ...{ measure: 'Curfew / peer', unit: '×', command: 'refresh', beside: 'a peer', repeats: [] },
    ...{ target: { atLeast: 20 }, notRun: 'no python3' },
  },
]
const report: Report = {
  machine: { node: 'v24', processor: '2 × one' },
  quick: false,
  sections: [
    { scenario: scenario('rotation'), finding: { rows, notes: ['a note'] }, seconds: 3 },
    { scenario: scenario('scale'), notRun: 'kafka: no java' },
  ],
}

const tableRows = (text: string): string[] => text.split('\n').filter((line) => line[0] === '|')

claims('the tables of the bench', {
  'the one table has the rows that must reach something, with their spread': () => {
    const [, , ...lines] = tableRows(summaryText(report))
    assert.equal(lines, [
      '| refresh | bare Koa | × | 0.70 | 0.75 | 0.80 | 3 | ≥ 0.7 | met |',
      '| rotation: p99 / p50 | – | × | 3.50 | 4.00 | 5.00 | 3 | ≤ 3 | **missed** |',
      '| refresh | a peer | × | – | – | – | 0 | ≥ 20 | **not run: no python3** |',
      '| scale | – | | – | – | – | 0 | | **not run: kafka: no java** |',
    ])
  },

  'machine and versions stand above it': () => {
    assert.match(summaryText(report), /- node: v24\n- processor: 2 × one\n/)
  },

  'the page of figures has the one table and every row of every scenario': () => {
    const text = reportText(report)
    for (const { measure } of rows) assert.ok(text.includes(`| ${measure} |`), measure)
    for (const line of tableRows(summaryText(report))) assert.ok(text.includes(line), line)
    assert.match(text, /\*\*NOT RUN: kafka: no java\*\*/)
  },

  'what was kept for programs is read again, with targets and without lost repeats': () => {
    const { machine, scenarios } = readResults(reportJson(report))
    assert.is(machine['node'], 'v24')
    assert.equal(scenarios[0]?.rows[1]?.repeats, [0.75, 0.7, 0.8])
    assert.equal(scenarios[0]?.rows[1]?.target, { atLeast: 0.7 })
    assert.equal(scenarios[1], { name: 'scale', rows: [] })
  },

  'two checkouts are divided pair by pair': () => {
    const of = (...repeats: number[]): Measured => ({
      name: 'rotation',
      rows: [{ measure: 'refreshes', unit: 'per s', repeats }],
    })
    const pairs = [
      { here: of(120), there: of(100) },
      { here: of(90), there: of(100) },
      { here: of(300), there: of(200) },
    ]
    const [, , line] = tableRows(pairsTable('rotation', 'abc', pairs))
    assert.is(line, '| refreshes | per s | 100 | 120 | 0.90 | 1.20 | 1.50 | 2 of 3 |')
  },

  'an argument that nobody knows, or that is no number, is named': () => {
    assert.throws(() => readOptions(['--bogus']), /bogus/)
    assert.throws(() => readOptions(['--repeats', '0']), /--repeats wants/)
    assert.throws(() => readOptions(['--pairs=two']), /--pairs wants/)
    assert.throws(() => readOptions(['--check', '--compare', 'HEAD']), /exclude/)
  },

  'words choose scenarios, and options may stand among them': () => {
    const options = readOptions(['refresh', '--compare', 'HEAD~1', '--no-peers', 'embedded'])
    assert.equal(options.words, ['refresh', 'embedded'])
    assert.is(options.compare, 'HEAD~1')
    assert.is(options.withPeers, false)
  },
})
