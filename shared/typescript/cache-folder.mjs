import { chmodSync, existsSync, lstatSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'

const curfewFolder = () => {
  const given = process.env['XDG_CACHE_HOME'] ?? ''
  return join(isAbsolute(given) ? given : join(homedir(), '.cache'), 'curfew')
}

// As shared/kernel/process/make-folder.ts, which is not loaded yet: Node's `recursive` never ends
// below `/proc`.
const make = (dir) => {
  try {
    mkdirSync(dir, { mode: 0o700 })
  } catch (error) {
    if (existsSync(dir)) return
    if (error.code !== 'ENOENT' || existsSync(dirname(dir))) throw error
    make(dirname(dir))
    make(dir)
  }
}

// Whoever writes there writes our code: the folder is this user's, and nobody else may write to it.
const isOurs = (dir) => {
  make(dir)
  const found = lstatSync(dir)
  if (!found.isDirectory() || found.uid !== process.geteuid?.()) return false
  if ((found.mode & 0o022) !== 0) chmodSync(dir, 0o700)
  return true
}

let found

const find = () => {
  if (process.env['NODE_DISABLE_COMPILE_CACHE']) return null
  const named = process.env['NODE_COMPILE_CACHE']
  if (named) return named
  try {
    const parent = curfewFolder()
    const dir = join(parent, 'compiled')
    return isOurs(parent) && isOurs(dir) ? dir : null
  } catch {
    // A read-only home, or none.
    return null
  }
}

/**
 * Where compiled code is kept: `NODE_COMPILE_CACHE`, else a folder of this user's own. `null` if
 * there is none that may be used, or if `NODE_DISABLE_COMPILE_CACHE` is set: that is no error.
 */
export const cacheFolder = () => {
  found ??= { folder: find() }
  return found.folder
}

/**
 * Where `run-script` keeps code: in `cacheFolder`, and in a folder of this user's own below it
 * where `NODE_COMPILE_CACHE` names one, which many users may share. What lies there is run.
 */
export const codeFolder = () => {
  const folder = cacheFolder()
  if (folder === null || !process.env['NODE_COMPILE_CACHE']) return folder
  try {
    const dir = join(folder, `curfew-${process.geteuid?.() ?? 'user'}`)
    return isOurs(dir) ? dir : null
  } catch {
    return null
  }
}
