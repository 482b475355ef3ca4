import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { errorCode } from '../kernel/error-code.ts'
import { isTsxRegistered, openTsx } from './load.mjs'

/** What Node says of code that tsx may take. */
const refusals: ReadonlySet<unknown> = new Set([
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'ERR_INVALID_TYPESCRIPT_SYNTAX',
  'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING',
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_UNSUPPORTED_DIR_IMPORT',
  'ERR_IMPORT_ATTRIBUTE_MISSING',
  'ERR_MODULE_NOT_FOUND',
  'MODULE_NOT_FOUND',
])

/** An error of what a file does, such as JSON that it read, comes from one of its lines. */
const hasBegun = ({ stack = '' }: Error, path: string): boolean =>
  stack.split('\n').some((line) => /^\s+at /.test(line) && line.includes(basename(path)))

const isRefused = (error: unknown, path: string): boolean =>
  refusals.has(errorCode(error)) || (error instanceof SyntaxError && !hasBegun(error, path))

/** Node says in a warning that it failed there, even where tsx succeeds a moment later. */
const isInCommonJs = async (path: string): Promise<boolean> => {
  if (!path.endsWith('.ts')) return false
  for (let folder = dirname(path), below = path; folder !== below; folder = dirname(folder)) {
    below = folder
    const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => null)
    if (text !== null) return /"type"\s*:\s*"commonjs"/.test(text)
  }
  return false
}

const byTsx = async (href: string): Promise<Readonly<Record<string, unknown>>> => {
  const { tsImport } = await openTsx()
  return await tsImport(href, import.meta.url)
}

/**
 * An operator's own file, run with the rights of the process. It is run by Node where Node can,
 * else by tsx: an enum, an import without its ending, or `export` in a folder of CommonJS are good
 * on each version of Node, or on none. Some of its code may run twice then.
 */
export const importFile = async (path: string): Promise<Readonly<Record<string, unknown>>> => {
  const { href } = pathToFileURL(path)
  const mayNeedTsx = !isTsxRegistered()
  if (mayNeedTsx && (await isInCommonJs(path))) return await byTsx(href)
  try {
    return await import(href)
  } catch (error) {
    if (!mayNeedTsx || !isRefused(error, path)) throw error
    return await byTsx(href)
  }
}
