import module from 'node:module'
import { cacheFolder } from './cache-folder.mjs'

/**
 * Has Node keep what it compiled of packages and sources, where it can (from 22.8 on) and may: a
 * start that compiles some 300 files takes twice as long. Built code keeps more, in `run-script`.
 */
export const keepCompiled = () => {
  if (!module.enableCompileCache || process.env['NODE_COMPILE_CACHE']) return
  const dir = cacheFolder()
  if (dir !== null) module.enableCompileCache(dir)
}

/** Else what was compiled is kept only by a process that ends in peace. */
export const writeCompiled = () => module.flushCompileCache?.()
