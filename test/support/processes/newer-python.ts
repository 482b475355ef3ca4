import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { notRun } from '../not-run.ts'
import { run } from '../servers/server-process.ts'

const wanted = [3, 12] as const

const isEnough = async (python: string): Promise<boolean> => {
  const asked = `import sys; print(sys.version_info >= (${wanted.join(', ')}))`
  return run(python, ['-c', asked], 10_000).then(
    (said) => said.trim() === 'True',
    () => false,
  )
}

/** Those that pyenv made, which are on no path. */
const ofPyenv = (): readonly string[] => {
  const versions = join(process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv'), 'versions')
  const names = existsSync(versions) ? readdirSync(versions) : []
  return names.map((name) => join(versions, name, 'bin/python3'))
}

/**
 * A Python of 3.12 or newer; `null` after saying aloud that `what` was not run.
 * @throws Error when there is none and Python is required (`REQUIRE=python3`, or `CI=true`)
 */
export const findNewerPython = async (what: string): Promise<string | null> => {
  for (const python of ['python3', 'python3.14', 'python3.13', 'python3.12', ...ofPyenv()]) {
    if (await isEnough(python)) return python
  }
  const required = (process.env['REQUIRE'] ?? '').split(',')
  if (process.env['CI'] === 'true' || required.includes('python3')) {
    throw new Error(`Python ${wanted.join('.')} is required (REQUIRE or CI), and not installed`)
  }
  notRun(what, `Python ${wanted.join('.')} is not installed`)
  return null
}
