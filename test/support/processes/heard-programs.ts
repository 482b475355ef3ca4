import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { putProgram } from '../requests/page-shell.ts'

export type HeardCall = Readonly<{ line: string; input: string }>
export type HeardPrograms = Readonly<{ calls: () => readonly HeardCall[] }>

/**
 * Stands in for a client whose server is not here: writes down what it is told, runs what it is to
 * run inside of a container of Curfew's (`exec … node …`), and prints a manifest where one is asked
 * for.
 */
const script = (file: string): string => `#!${process.execPath}
import { appendFileSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { spawnSync } from 'node:child_process'
const args = process.argv.slice(2)
const line = [basename(process.argv[1]), ...args].join(' ')
const input = args.includes('-') ? readFileSync(0, 'utf8') : ''
appendFileSync(${JSON.stringify(file)}, JSON.stringify({ line, input }) + '\\n')
if (args.includes('-o')) console.log('manifest of ' + line)
const inside = args.includes('exec') ? args.indexOf('node') : -1
if (inside >= 0) {
  const ran = spawnSync(process.execPath, args.slice(inside + 1), { stdio: 'inherit' })
  process.exit(ran.status ?? 1)
}
`

/** Puts such programs before those of the machine, for shells in the clone `dir`. */
export const hearPrograms = (dir: string, ...names: readonly string[]): HeardPrograms => {
  const file = join(dir, 'heard.jsonl')
  for (const name of names) putProgram(dir, name, script(file))
  return {
    calls: () =>
      existsSync(file)
        ? readFileSync(file, 'utf8')
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line) as HeardCall)
        : [],
  }
}
