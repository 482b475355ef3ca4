import { shownSpread, verdictOf, wantedOf } from './figures.ts'
import type { Row } from './scenario.ts'
import type { Section } from './section.ts'
import { spreadOf } from './statistics.ts'

const head = [
  '| command | beside it | unit | min | median | max | repeats | must reach | |',
  '|---|---|---|--:|--:|--:|--:|---|---|',
]

const lineOf = (name: string, row: Row): string => {
  const { command = `${name}: ${row.measure}`, beside = '–', unit, repeats, target } = row
  const wanted = target ? wantedOf(target) : ''
  const figures = shownSpread(spreadOf(repeats))
  const cells = [command, beside, unit, ...figures, repeats.length, wanted, verdictOf(row)]
  return `| ${cells.join(' | ')} |`
}

const linesOf = (section: Section): string[] => {
  const { name } = section.scenario
  if ('notRun' in section) {
    return [`| ${name} | – | | – | – | – | 0 | | **not run: ${section.notRun}** |`]
  }
  return section.finding.rows.filter(({ target }) => target).map((row) => lineOf(name, row))
}

/** The one table: a row for each command that must reach something, with its spread. */
export const summaryTable = (sections: readonly Section[]): string =>
  [...head, ...sections.flatMap(linesOf)].join('\n')
