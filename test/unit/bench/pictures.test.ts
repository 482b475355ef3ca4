import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { picturesOf } from '../../../bench/pictures/pictures.ts'
import { type Measured, readResults } from '../../../bench/results.ts'
import { projectRoot } from '../../support/project-files.ts'
import { assert, claims } from '../../support/suite.ts'

const read = (path: string): string => readFileSync(join(projectRoot, path), 'utf8')
const committed = () => readResults(read('bench/results/latest.json'))

const refresh = (figures: Readonly<Record<string, number[]>>): Measured => ({
  name: 'refresh-embedded',
  rows: Object.entries(figures).map(([measure, repeats]) => ({ measure, unit: 'per s', repeats })),
})
const drawn = (measured: Measured): Map<string, string> =>
  new Map(picturesOf({ machine: {}, scenarios: [measured] }))
const limit = { 'bare Koa, two signatures, no store': [5_400] }

claims('the pictures of the bench', {
  'README shows what is committed in bench/results/latest.json, in light and in dark': () => {
    const pictures = picturesOf(committed())
    const readme = read('README.md')
    assert.is(pictures.length, 4)
    for (const [path, text] of pictures) {
      assert.ok(existsSync(join(projectRoot, path)), `${path}: npm run bench -- --draw`)
      assert.is(read(path), text, `${path} is out of date: npm run bench -- --draw`)
      assert.ok(readme.includes(path), `README does not show ${path}`)
    }
  },

  'a peer that did not run has no bar, and one that ran has its median': () => {
    const own = { 'Curfew: refreshes': [3_900, 4_000, 4_100], ...limit }
    const text = drawn(refresh({ ...own, 'Simple-JWT on SQLite': [] })).get('docs/rotation.svg')
    assert.match(text ?? '', /Curfew, durable[\s\S]*>4,000</)
    assert.not.match(text ?? '', /Simple-JWT/)
    const both = drawn(refresh({ ...own, 'oidc-provider in memory': [2_900] }))
    assert.match(both.get('docs/rotation-dark.svg') ?? '', /oidc-provider[\s\S]*>2,900</)
  },

  'bars are as long as their figures are large, and none leaves the page': () => {
    for (const most of [7, 98, 1_234, 99_999, 1_000_000]) {
      const figures = { 'Curfew: refreshes': [most], 'Simple-JWT on SQLite': [most / 2] }
      const text = drawn(refresh({ ...figures, ...limit })).get('docs/rotation.svg') ?? ''
      const [long = 0, short = 0] = [...text.matchAll(/width="([\d.]+)" height="20"/g)].map(
        ([, width]) => Number(width),
      )
      assert.ok(Math.abs(long - 2 * short) < 0.2, `${long} and ${short}`)
      assert.ok(long <= 600, `${long}`)
    }
  },

  'without the scenario nothing is drawn': () => {
    assert.is(drawn({ name: 'refresh-embedded', rows: [] }).size, 0)
  },
})
