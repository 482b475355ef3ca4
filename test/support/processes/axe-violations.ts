import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { projectRoot } from '../project-files.ts'

/** Every rule of WCAG 2.2 up to AA that axe-core knows. */
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

type Found = Readonly<{ id: string; help: string; nodes: readonly Readonly<{ html: string }>[] }>

/**
 * What axe-core says is wrong with the page as it is shown now, a line each. It is evaluated by the
 * browser's own debugger, since the pages let no script in.
 */
export const axeViolations = async (page: Page): Promise<readonly string[]> => {
  await page.evaluate(await readFile(join(projectRoot, 'node_modules/axe-core/axe.min.js'), 'utf8'))
  const asked = JSON.stringify({ runOnly: rules, resultTypes: ['violations'] })
  const { violations } = await page.evaluate<{ violations: readonly Found[] }>(
    `axe.run(document, ${asked})`,
  )
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes[0]?.html.slice(0, 160)}`)
}
