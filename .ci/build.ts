import { join } from 'node:path'
import { buildGuard } from './build-guard.ts'

/**
 * `npm run build`: `curfew/guard` for services outside of this repository. Curfew itself runs from
 * its sources (docs/decisions/0008, 0072).
 */
const dist = join(import.meta.dirname, '..', 'dist')
buildGuard(dist)
process.stdout.write(`curfew/guard is in ${dist}\n`)
