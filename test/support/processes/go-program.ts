import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { projectRoot } from '../project-files.ts'
import { cacheFolder, run } from '../servers/server-process.ts'
import { findTool } from './tools.ts'

const buildMs = 280_000

/**
 * The program of a Go module in test/fixtures, built once for what its files hold; `null` after
 * saying aloud that `what` was not run.
 * @throws Error when Go is missing and required
 */
export const goProgram = async (module: string, what: string): Promise<string | null> => {
  if ((await findTool('go', what)) === null) return null
  const folder = join(projectRoot, 'test/fixtures', module)
  const hash = createHash('sha256')
  for (const name of readdirSync(folder).sort()) hash.update(readFileSync(join(folder, name)))
  const program = cacheFolder(`go-${module}-${hash.digest('hex').slice(0, 16)}`)
  if (existsSync(program)) return program
  const made = `${program}.${process.pid}`
  await run('go', ['-C', folder, 'build', '-o', made, '.'], buildMs)
  await rename(made, program)
  return program
}
