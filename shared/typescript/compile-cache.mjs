import { chmodSync, lstatSync, mkdirSync } from 'node:fs'
import module from 'node:module'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

const folder = () => {
  const given = process.env['XDG_CACHE_HOME'] ?? ''
  return join(isAbsolute(given) ? given : join(homedir(), '.cache'), 'curfew', 'compiled')
}

// Whoever writes there writes our code: the folder is this user's, and nobody else may write to it.
const isOurs = (dir) => {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const found = lstatSync(dir)
  if (!found.isDirectory() || found.uid !== process.geteuid?.()) return false
  if ((found.mode & 0o022) !== 0) chmodSync(dir, 0o700)
  return true
}

/**
 * Has Node keep what it compiled, where it can (from 22.8 on) and may: a start that compiles some
 * 300 files takes twice as long. `NODE_COMPILE_CACHE` names another folder, and
 * `NODE_DISABLE_COMPILE_CACHE=1` switches it off. A folder that cannot be used is no error.
 */
export const keepCompiled = () => {
  if (!module.enableCompileCache || process.env['NODE_COMPILE_CACHE']) return
  try {
    const dir = folder()
    if (isOurs(dir)) module.enableCompileCache(dir)
  } catch {
    // A read-only home, or none.
  }
}

/** Else what was compiled is kept only by a process that ends in peace. */
export const writeCompiled = () => module.flushCompileCache?.()
