import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder, onPath, run } from './server-process.ts'

/**
 * The folder of programs of a virtual environment that holds these packages from PyPI, made once
 * and kept under `name`; `null` without python3. One that was cut off while it was made is made
 * anew.
 */
export const pythonVenv = async (
  name: string,
  packages: readonly string[],
): Promise<string | null> => {
  const venv = cacheFolder(name)
  const programs = join(venv, 'bin')
  const complete = join(venv, 'complete')
  if (existsSync(complete)) return programs
  if (!(await onPath('python3'))) return null
  await rm(venv, { recursive: true, force: true })
  await mkdir(venv, { recursive: true })
  await run('python3', ['-m', 'venv', venv], 120_000)
  const python = join(programs, 'python3')
  await run(python, ['-m', 'pip', 'install', '-q', ...packages], 300_000)
  await mkdir(complete)
  return programs
}
