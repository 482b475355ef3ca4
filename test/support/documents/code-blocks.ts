import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../project-files.ts'

/** The blocks of one language on a page, as a reader would copy them. */
export const codeBlocks = (page: string, language: string): readonly string[] => {
  const text = readFileSync(join(projectRoot, page), 'utf8')
  const fenced = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms')
  return [...text.matchAll(fenced)].map((match) => match[1] ?? '')
}

/** The one block whose opening line ends with `name`. */
export const namedBlock = (page: string, name: string): string => {
  const [block, ...others] = codeBlocks(page, `[a-z]+ ${name}`)
  if (block === undefined || others.length > 0) throw new Error(`${page}: not one block ${name}`)
  return block
}
