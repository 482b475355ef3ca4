import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { buildGuard } from './build-guard.ts'

/**
 * `npm run pack:guard`: builds `dist/curfew-guard` and packs it into the folder where the command
 * was typed. Curfew itself runs from its sources (docs/decisions/0008, 0072).
 */
const folder = join(import.meta.dirname, '..', 'dist', 'curfew-guard')
await buildGuard(folder)
const into = process.env['INIT_CWD'] ?? process.cwd()
execFileSync('npm', ['pack', folder, '--pack-destination', into], { stdio: 'inherit' })
