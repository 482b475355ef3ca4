import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder, type Missing, onPath, run } from './server-process.ts'

/** What docs/django.md names, and the versions that the recorded Simple-JWT ran on. */
const packages = [
  'Django==5.2.19',
  'djangorestframework==3.18.3',
  'djangorestframework_simplejwt[crypto]==5.5.1',
  'PyJWT==2.15.1',
]
const isRequired = (): boolean =>
  process.env['CI'] === 'true' || (process.env['REQUIRE'] ?? '').split(',').includes('django')

const made = async (): Promise<string | null> => {
  const venv = cacheFolder('django-5.2.19-simplejwt-5.5.1')
  const python = join(venv, 'bin', 'python3')
  const done = join(venv, 'complete')
  if (existsSync(done)) return python
  if (!(await onPath('python3'))) return null
  // One that was cut off while it was made has no mark.
  await rm(venv, { recursive: true, force: true })
  await mkdir(venv, { recursive: true })
  await run('python3', ['-m', 'venv', venv], 120_000)
  await run(python, ['-m', 'pip', 'install', '-q', ...packages], 300_000)
  await mkdir(done)
  return python
}

/**
 * A Python with Django, REST framework and Simple-JWT from PyPI, made once and kept. Missing tools
 * are for the caller to say aloud; with `REQUIRE=django` or `CI=true` they are a rejection.
 */
export const djangoPython = async (): Promise<Readonly<{ python: string }> | Missing> => {
  const python = await made().catch((error: unknown): Missing => ({ missing: String(error) }))
  if (typeof python === 'string') return { python }
  const missing = python?.missing ?? 'no python3 to make a virtual environment with'
  if (isRequired()) throw new Error(`django is required (REQUIRE or CI), and missing: ${missing}`)
  return { missing }
}
