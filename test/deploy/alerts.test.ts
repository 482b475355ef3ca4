import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { metricTable } from '../../shared/metrics/metric-table.ts'
import { at, type Node } from '../support/documents/manifests.ts'
import { askPrometheus, type ParsedExpression } from '../support/documents/prometheus-answer.ts'
import {
  alertRules,
  dashboardPanels,
  metricOf,
  rulesPath,
  ruleTestsPath,
  watchedExpressions,
} from '../support/documents/watched.ts'
import { projectRoot, sourcesBelow } from '../support/project-files.ts'
import { assert, claims } from '../support/suite.ts'

const read = (path: string): string => readFileSync(join(projectRoot, path), 'utf8')
const what = 'alert rules and the dashboard against Prometheus’ own parser and engine'
const page = 'docs/operations.md'
const section = '## What to page on'

/** What a scraper adds; and what it makes of a label `instance` of Curfew's own. */
const scraped = ['job', 'instance']
const renamed = (label: string): string => (label === 'instance' ? 'exported_instance' : label)

const labelsOf = (name: string): readonly string[] | null => {
  if (name === 'up' || /^(nodejs|process)_/.test(name)) return scraped
  const table: Readonly<Record<string, { kind: string; labels: readonly string[] }>> = metricTable
  const row = table[metricOf(name)]
  if (row === undefined) return null
  const bucket = name.endsWith('_bucket') && row.kind === 'histogram' ? ['le'] : []
  return [...scraped, ...row.labels.map(renamed), ...bucket]
}

/** Metrics and labels that no process shows. */
const unknownIn = ({ selectors, grouping }: ParsedExpression): readonly string[] => {
  const known = selectors.map(({ name }) => labelsOf(name) ?? [])
  return selectors
    .flatMap(({ name, matchers }) => {
      const labels = labelsOf(name)
      if (labels === null) return [name]
      const wanted = matchers.map(([label]) => label)
      return wanted.filter((label) => !labels.includes(label)).map((label) => `${name}{${label}}`)
    })
    .concat(
      grouping.filter((label) => !known.flat().includes(label)).map((label) => `by (${label})`),
    )
}

/** Values that a label is compared with, each of which the sources must write somewhere. */
const comparedValues = ({ selectors }: ParsedExpression): readonly string[] =>
  selectors
    .flatMap(({ matchers }) => matchers)
    .filter(([label]) => !scraped.includes(label) && label !== 'status')
    .flatMap(([, , value]) => value.split('|'))

type Runbook = Readonly<{ name: string; text: string }>
const runbooks = (): readonly Runbook[] => {
  const own = read(page).split(`${section}\n`)[1]?.split('\n## ')[0] ?? ''
  return own
    .split('\n### ')
    .slice(1)
    .map((text) => ({ name: text.split('\n', 1)[0] ?? '', text: text.replaceAll(/\s+/g, ' ') }))
}

claims('alert rules', {
  'have their page each, and every page its rule': () => {
    const pages = runbooks().map(({ name }) => name)
    assert.equal(
      pages,
      alertRules().map(({ alert }) => alert),
    )
    for (const { alert, annotations, labels } of alertRules()) {
      assert.is(annotations['runbook_url'], `operations.md#${alert.toLowerCase()}`)
      assert.match(labels['severity'] ?? '', /^(page|ticket)$/, alert)
    }
  },

  'have pages that say what it means, what to look at and what to do': () => {
    for (const { name, text } of runbooks()) {
      for (const part of ['**Means**', '**Look at**', '**Do**']) {
        assert.ok(text.includes(part), `${name} without ${part}`)
      }
    }
  },

  'parse, as the dashboard does, and name metrics, labels and values that there are': async () => {
    const watched = watchedExpressions()
    const expressions = watched.map(([, expr]) => expr)
    const wrong = 'sum by (moon) (curfew_logins_total{outcome!="opened", user="alice"}) + curfew_x'
    const asked = { rules: read(rulesPath), expressions: [...expressions, wrong, 'sum('] }
    const answer = await askPrometheus(asked, what)
    if (answer === null) return
    assert.equal(answer.errors, [])
    const sources = sourcesBelow('shared', 'services').map(({ text }) => text)
    const isWritten = (value: string): boolean =>
      sources.some((text) => text.includes(`'${value}'`) || text.includes(`\n    ${value}: `))
    for (const [index, [of, expr]] of watched.entries()) {
      const parsed = answer.expressions[index]
      assert.is(parsed?.error, undefined, `${of}: ${expr}`)
      if (!parsed) continue
      assert.equal(unknownIn(parsed), [], `${of}: ${expr}`)
      assert.equal(
        comparedValues(parsed).filter((value) => !isWritten(value)),
        [],
        `${of}: ${expr}`,
      )
    }
    const [refused, broken] = answer.expressions.slice(watched.length)
    if (!refused) return assert.unreachable()
    assert.equal(unknownIn(refused), ['curfew_logins_total{user}', 'curfew_x', 'by (moon)'])
    assert.match(broken?.error ?? '', /parse error/)
  },

  'fire on what they are for, each of them, and are quiet where all is well': async () => {
    const [rules, tests] = [read(rulesPath), read(ruleTestsPath)]
    const answer = await askPrometheus({ rules, tests }, what)
    if (answer === null) return
    assert.equal(answer.errors, [])
    const names = alertRules().map(({ alert }) => alert)
    const fired = new Set<string>()
    const quiet = new Set<string>()
    for (const { test, alert, expected, firing } of answer.verdicts) {
      assert.equal(firing, expected, `${alert}: ${test}`)
      ;(firing.length > 0 ? fired : quiet).add(alert)
    }
    assert.equal([...fired].sort(), [...names].sort())
    assert.equal([...quiet].sort(), [...names].sort())
  },
})

claims('the dashboard', {
  'has panels that do not overlap, each with what it shows and a query': () => {
    const panels = dashboardPanels()
    assert.ok(panels.length > 20)
    assert.is(new Set(panels.map(({ id }) => id)).size, panels.length)
    const taken = new Set<string>()
    for (const panel of panels) {
      const { x, y, w, h } = panel['gridPos'] as Record<'x' | 'y' | 'w' | 'h', number>
      assert.ok(x >= 0 && x + w <= 24, String(panel['title']))
      for (let column = x; column < x + w; column += 1) {
        for (let line = y; line < y + h; line += 1) {
          assert.not(taken.has(`${column} ${line}`), String(panel['title']))
          taken.add(`${column} ${line}`)
        }
      }
      if (panel['type'] === 'row') continue
      assert.match(String(panel['description']), /\.$/)
      const targets = at(panel, 'targets') as readonly Node[]
      assert.ok(targets.length > 0 && targets.every(({ expr }) => String(expr).length > 0))
    }
  },
})
