import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/** One source file; `path` is relative to the project's root, with forward slashes. */
export type SourceText = Readonly<{ path: string; text: string }>

export const projectRoot = join(import.meta.dirname, '..', '..')

/**
 * Files below `folder` (relative to the root) whose path `wanted` takes, sorted; no `node_modules`.
 */
export const filesBelow = (folder: string, wanted: (path: string) => boolean): string[] => {
  const absolute = join(projectRoot, folder)
  if (!existsSync(absolute)) return []
  return readdirSync(absolute, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(projectRoot, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !path.includes('node_modules/') && wanted(path))
    .sort()
}

export const isSource = (path: string): boolean => /\.(tsx?|mjs)$/.test(path)

const read = new Map<string, SourceText>()
/** The same object for the same text, so that what is found out about one is kept with it. */
export const sourceAt = (path: string): SourceText => {
  const text = readFileSync(join(projectRoot, path), 'utf8')
  const known = read.get(path)
  if (known?.text === text) return known
  const source = { path, text }
  read.set(path, source)
  return source
}
export const sourcesBelow = (...folders: readonly string[]): SourceText[] =>
  folders.flatMap((folder) => filesBelow(folder, isSource).map(sourceAt))

const maps = new WeakMap<readonly SourceText[], ReadonlyMap<string, SourceText>>()
/** The same map for the same list, which nobody changes. */
export const byPath = (sources: readonly SourceText[]): ReadonlyMap<string, SourceText> => {
  const map = maps.get(sources) ?? new Map(sources.map((source) => [source.path, source]))
  maps.set(sources, map)
  return map
}
