import { createHash } from 'node:crypto'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { buildEntries } from './build.mjs'

/** What may be running yet, and has threads to start. */
const keptMs = 3_600_000
/** What decides how it is built, and how what was built is run. */
const alsoDecisive = [
  'package.json',
  'node_modules/.package-lock.json',
  'shared/typescript/build.mjs',
  'shared/typescript/keep-built.mjs',
  'shared/typescript/run-built.mjs',
]
/** No clock of a file system is coarser where this is built. */
const tickMs = 20

const dropOld = ({ builds, manifest }, nowMs) => {
  for (const name of readdirSync(builds)) {
    const path = join(builds, name)
    // Another process may drop the same, or have moved its own stage away.
    const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: nowMs }
    const isOld = path !== manifest && mtimeMs < nowMs - keptMs
    if (isOld) rmSync(path, { recursive: true, force: true })
  }
}

/** Another process may have built the same meanwhile. */
const moveTo = (stage, path) => {
  try {
    renameSync(stage, path)
  } catch (error) {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    rmSync(stage, { recursive: true })
  }
}

/**
 * Builds the sources and keeps that until one of them changes. `null` if one changed while it was
 * read, or just before: then nobody can tell what was read.
 */
export const keepBuilt = async (place) => {
  const { root, builds, manifest, stateOf } = place
  mkdirSync(builds, { recursive: true })
  const stage = mkdtempSync(join(builds, 'stage-'))
  try {
    chmodSync(stage, 0o755) // For whoever else may run the sources.
    const { ctimeMs: begunMs } = stateOf(stage)
    const read = await buildEntries(root, stage)
    const paths = [...read, ...alsoDecisive.map((name) => join(root, name))]
    const states = paths.map((path) => [path, stateOf(path)])
    if (states.some(([, { ctimeMs }]) => ctimeMs > begunMs - tickMs)) return null
    const inputs = Object.fromEntries(states.map(([path, { state }]) => [path, state]))
    const text = JSON.stringify(inputs)
    const folder = createHash('sha256').update(text).digest('hex').slice(0, 32)
    moveTo(stage, join(builds, folder))
    const unfinished = `${manifest}.${process.pid}`
    writeFileSync(unfinished, JSON.stringify({ root, folder, inputs }))
    renameSync(unfinished, manifest)
    dropOld(place, begunMs)
    return join(builds, folder)
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}
