import { statSync } from 'node:fs'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { openTrailFiles, type TrailFiles } from '../../auditor/files/index.ts'

/**
 * The trail in a folder that somebody named, or that the settings do.
 * @throws AuthError NOT_FOUND where there is none: it is mistyped, or no auditor ran yet
 */
export const openTrail = (folder: string): TrailFiles => {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return openTrailFiles(folder)
  throw new AuthError('NOT_FOUND', `there is no trail in ${folder}: no such folder`)
}
