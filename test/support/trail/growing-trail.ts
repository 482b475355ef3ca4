import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { addLife, openTrailFiles } from '../../../services/auditor/files/index.ts'
import { host, logId, recordsOf, ring, trailOf } from './drawn-trail.ts'

/** A trail in a folder, as an auditor leaves it, which grows to the sizes that it is told. */
export const growingTrail = (folder: string) => {
  const files = openTrailFiles(folder)
  addLife(files, logId)
  const key = ring.verifierKeys(host)[0] ?? ''
  writeFileSync(join(folder, 'verifier-keys'), `${key}\n`)
  const growTo = (size: number, batch = size): Promise<unknown> =>
    trailOf(files, recordsOf(0, size), { batch })
  return { files, key, growTo } as const
}
