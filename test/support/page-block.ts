import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from './import-graph.ts'

/**
 * The code block of a page whose opening line ends with `name`: what readers copy is what tests
 * run.
 */
export const pageBlock = (page: string, name: string): string => {
  const text = readFileSync(join(projectRoot, page), 'utf8')
  const block = new RegExp(`^\`\`\`[a-z]+ ${name}\\n(.*?)^\`\`\`$`, 'ms').exec(text)
  if (!block?.[1]) throw new Error(`${page} has no block ${name}`)
  return block[1]
}
