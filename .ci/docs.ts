import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { goldenFiles } from './reference/golden.ts'
import { generatedFiles } from './reference/pages.ts'

/**
 * `npm run docs`: writes the reference pages and the JSON Schemas anew, and golden files that are
 * missing. One that is there is never touched: some version of Curfew once wrote it.
 */
const root = join(import.meta.dirname, '..')
const say = (line: string): void => void process.stdout.write(`${line}\n`)

const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

for (const [path, text] of generatedFiles()) write(path, text)
const missing = [...goldenFiles()].filter(([path]) => !existsSync(join(root, path)))
for (const [path, text] of missing) {
  write(path, text)
  say(`new golden file: ${path}`)
}
say(`${generatedFiles().size} files generated`)
