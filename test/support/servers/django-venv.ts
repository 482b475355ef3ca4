import { join } from 'node:path'
import { pythonVenv } from './python-venv.ts'
import type { Missing } from './server-process.ts'

/** What docs/django.md names, and the versions that the recorded Simple-JWT ran on. */
const packages = [
  'Django==5.2.19',
  'djangorestframework==3.18.3',
  'djangorestframework_simplejwt[crypto]==5.5.1',
  'PyJWT==2.15.1',
]
const isRequired = (): boolean =>
  process.env['CI'] === 'true' || (process.env['REQUIRE'] ?? '').split(',').includes('django')

/**
 * A Python with Django, REST framework and Simple-JWT from PyPI. Missing tools are for the caller
 * to say aloud; with `REQUIRE=django` or `CI=true` they are a rejection.
 */
export const djangoPython = async (): Promise<Readonly<{ python: string }> | Missing> => {
  const made = await pythonVenv('django-5.2.19-simplejwt-5.5.1', packages).catch(
    (error: unknown): Missing => ({ missing: String(error) }),
  )
  if (typeof made === 'string') return { python: join(made, 'python3') }
  const missing = made?.missing ?? 'no python3 to make a virtual environment with'
  if (isRequired()) throw new Error(`django is required (REQUIRE or CI), and missing: ${missing}`)
  return { missing }
}
