import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const isPackage = !existsSync(join(root, 'services/cli/main.ts'))

let sourcesAlone = false

/** From here on this process runs the sources: whoever watches them sees which it loads. */
export const runSources = () => {
  sourcesAlone = true
}

/** Goes when `npm ci` makes `node_modules` anew. */
const builds = join(root, 'node_modules/.cache/curfew/built')
const manifest = join(builds, 'manifest.json')

/** Changes with each write, however soon it follows and whatever time the file is given then. */
const stateOf = (path) => {
  const { size, mtimeMs, ctimeMs, ino } = statSync(path)
  return { state: `${size} ${mtimeMs} ${ctimeMs} ${ino}`, ctimeMs }
}

const kept = () => {
  try {
    const { root: builtOf, folder, inputs } = JSON.parse(readFileSync(manifest, 'utf8'))
    // Two clones may share their packages: one ran what was built of the other.
    if (builtOf !== root) return null
    const isUnchanged = ([path, state]) => stateOf(path).state === state
    return Object.entries(inputs).every(isUnchanged) ? join(builds, folder) : null
  } catch {
    return null
  }
}

/**
 * Where the code lies that was built of exactly these sources, or `null` if the sources themselves
 * are to be run. A package has it and no sources. A clone builds it when a source has changed, if
 * esbuild is there and the folder can be written to.
 */
export const builtFolder = async () => {
  if (sourcesAlone) return null
  if (isPackage) return join(root, 'dist')
  const found = kept()
  if (found !== null) return found
  try {
    const { keepBuilt } = await import('./keep-built.mjs')
    return await keepBuilt({ root, builds, manifest, stateOf })
  } catch {
    // Installed without what only developers need, for one. What is wrong with a source, Node says.
    return null
  }
}
