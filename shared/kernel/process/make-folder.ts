import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { errorCode } from '../error-code.ts'

/**
 * Makes a folder, and those above it, where there is none. Node's `recursive` never ends where the
 * system answers ENOENT below a folder that is there, as Linux does in `/proc`.
 * @throws what the system answers, ENOTDIR for what is there and is no folder
 */
export const makeFolder = (path: string, mode?: number): void => {
  const folder = resolve(path)
  const above = dirname(folder)
  try {
    mkdirSync(folder, { mode })
  } catch (error) {
    const code = errorCode(error)
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return
    if (code !== 'ENOENT' || existsSync(above)) throw error
    makeFolder(above, mode)
    // Another process may have been faster; that is as good.
    makeFolder(folder, mode)
  }
}
