import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { dirname, resolve } from 'node:path'

/** Files that were built, with their maps once somebody has asked for one. */
const maps = new Map()

const mapOf = (path) => {
  const known = maps.get(path)
  if (known !== null) return known
  let map
  try {
    map = new SourceMap(JSON.parse(readFileSync(`${path}.map`, 'utf8')))
  } catch {
    // The lines of what was built say something too.
  }
  maps.set(path, map)
  return map
}

const lineOf = (frame) => {
  const text = String(frame)
  const path = frame.getFileName()
  const map = maps.has(path) ? mapOf(path) : undefined
  if (!map) return text
  const [line, column] = [frame.getLineNumber(), frame.getColumnNumber()]
  const { originalSource, originalLine, originalColumn } = map.findEntry(line - 1, column - 1)
  if (originalSource === undefined) return text
  const source = resolve(dirname(path), originalSource)
  const place = `${source}:${originalLine + 1}:${originalColumn + 1}`
  return text.replace(`${path}:${line}:${column}`, () => place)
}

const headOf = (error) => {
  try {
    return Error.prototype.toString.call(error)
  } catch {
    return '<error>'
  }
}

const sourceStack = (error, frames) =>
  [headOf(error), ...frames.map((frame) => `    at ${lineOf(frame)}`)].join('\n')

/**
 * From here on the stack of an error names the lines of the sources that `path` was built of. The
 * map is read when the first stack is asked for. Node's own way (`--enable-source-maps`) reads each
 * map when a file is loaded.
 */
export const showSourceLines = (path) => {
  maps.set(path, null)
  Error.prepareStackTrace = sourceStack
}
