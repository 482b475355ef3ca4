import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { buildService } from './build-service.ts'

// `prepack` and `postpack` of the service: what is built lies there only while npm packs it.
const folder = join(import.meta.dirname, '../dist')
if (process.argv[2] === 'build') await buildService(folder)
else rmSync(folder, { recursive: true, force: true })
