import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

type Coverage = Readonly<{ result: readonly Readonly<{ url: string }>[] }>

/**
 * Addresses of all scripts that processes and their threads ran which had `NODE_V8_COVERAGE=dir`
 * and have ended by themselves.
 */
export const loadedScripts = async (dir: string): Promise<readonly string[]> => {
  const texts = (await readdir(dir)).map((name) => readFile(join(dir, name), 'utf8'))
  return (await Promise.all(texts)).flatMap((text) =>
    (JSON.parse(text) as Coverage).result.map(({ url }) => url),
  )
}

/** Whether Node strips the types of sources itself. */
export const nodeStrips = 'typescript' in process.features && Boolean(process.features.typescript)

export const isOfTsx = (url: string): boolean => /\/node_modules\/(tsx|esbuild)\//.test(url)
