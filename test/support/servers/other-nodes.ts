import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder, run } from './server-process.ts'

/** A version of Node, and where it is. */
export type NodeBinary = Readonly<{ version: string; path: string }>

export const ownNode: NodeBinary = { version: process.versions.node, path: process.execPath }

/** What people run. 20 is past its end of life, and still works. */
export const pinnedNodes: Readonly<Record<string, string>> = {
  '20': '20.20.2',
  '22': '22.23.5',
  '24': '24.22.3',
}

export const majorOf = (version: string): string => version.split('.')[0] ?? ''

const fetched = async (version: string, into: string): Promise<void> => {
  await mkdir(cacheFolder(), { recursive: true })
  const dir = await mkdtemp(`${into}-`)
  try {
    const name = `node-${process.platform}-${process.arch}@${version}`
    await run('npm', ['pack', name, '--silent', '--pack-destination', dir], 300_000)
    await run('sh', ['-c', 'tar xzf "$1"/*.tgz -C "$1" package/bin/node', 'sh', dir], 60_000)
    // Whole or not at all; who was faster has made the same.
    await rename(join(dir, 'package', 'bin'), into).catch((error: unknown) => {
      if (!existsSync(into)) throw error
    })
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/**
 * Node of this major version: the one that runs, or npm's package of its binary, fetched once and
 * kept in the cache.
 */
export const findNode = async (major: string): Promise<NodeBinary> => {
  if (major === majorOf(ownNode.version)) return ownNode
  const version = pinnedNodes[major]
  if (version === undefined) throw new Error(`no version of Node ${major} is pinned`)
  const folder = cacheFolder(`node-${version}`)
  if (!existsSync(folder)) await fetched(version, folder)
  return { version, path: join(folder, 'node') }
}
