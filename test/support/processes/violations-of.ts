import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

type Violation = Readonly<{ id: string; nodes: readonly Readonly<{ html: string }>[] }>

/** What WCAG 2.2 AA forbids on this page, as axe-core finds it. */
export const violationsOf = async (page: Page): Promise<readonly string[]> => {
  const asked = "{ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }"
  // As a tool of the browser: the page's own policy lets no script in.
  const found = (await page.evaluate(
    `${axe}; axe.run(document, ${asked}).then(({ violations }) => violations)`,
  )) as readonly Violation[]
  return found.map(({ id, nodes }) => `${page.url()} ${id}: ${nodes.map(({ html }) => html)}`)
}
