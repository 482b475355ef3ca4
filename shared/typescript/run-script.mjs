import { hash } from 'node:crypto'
import { lstatSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Script } from 'node:vm'
import { threadId } from 'node:worker_threads'
import { codeFolder } from './cache-folder.mjs'

// By then a service has started, and most of what a start runs is compiled.
const startedMs = 2_000

const hashOf = (data) => hash('sha256', data, 'buffer')

/** The hash in a file says that it is whole, not who wrote it. */
const isOwn = (found) =>
  found.isFile() && found.uid === process.geteuid?.() && (found.mode & 0o022) === 0

/**
 * V8 tells by the length of a script alone whether compiled code is of it, and believes what it is
 * given: a file that was cut off by a power failure would end the process.
 */
const keptOf = (file, id) => {
  try {
    if (!isOwn(lstatSync(file))) return undefined
    const kept = readFileSync(file)
    const [ofScript, ofCode, code] = [[0, 32], [32, 64], [64]].map((at) => kept.subarray(...at))
    return id.equals(ofScript) && hashOf(code).equals(ofCode) ? code : undefined
  } catch {
    return undefined
  }
}

const write = (file, parts) => {
  const unfinished = `${file}.${process.pid}-${threadId}`
  try {
    writeFileSync(unfinished, Buffer.concat(parts), { mode: 0o600 })
    renameSync(unfinished, file)
  } catch {
    // A full disk, for one: the next start compiles again.
  }
}

/** Keeps, once, what is compiled when the start is over, or at the end of the process. */
const keepWhenStarted = (script, file, id) => {
  const keep = () => {
    clearTimeout(timer)
    process.off('exit', keep)
    const code = script.createCachedData()
    write(file, [id, hashOf(code), code])
  }
  const timer = setTimeout(keep, startedMs)
  timer.unref()
  process.once('exit', keep)
}

/**
 * Compiles the script at `path`, which is one expression, and gives its value. What V8 compiled is
 * kept, and a later start takes it from there: also of functions that were compiled when they were
 * first called, which Node's own store leaves out. A later script of the same name takes its place:
 * the name says what is run, and for what, since commands call different functions.
 */
export const runScript = (path, called) => {
  const bytes = readFileSync(path)
  const id = hashOf(bytes)
  const folder = codeFolder()
  const name = hashOf(`${called} ${process.version} ${process.arch}`).toString('hex')
  const file = folder === null ? null : join(folder, `${name.slice(0, 32)}.code`)
  // It is ASCII, as it was built, and takes half the memory of a string that might not be.
  const script = new Script(bytes.toString('latin1'), {
    filename: path,
    cachedData: file === null ? undefined : keptOf(file, id),
  })
  if (file !== null && script.cachedDataRejected !== false) keepWhenStarted(script, file, id)
  return script.runInThisContext()
}
