import { type Key, open } from 'lmdb'
import { serve } from '../support/serve.ts'

type Stats = Readonly<Record<string, number>>

export type DatabaseSizes = readonly (readonly [name: string, bytes: number])[]

/**
 * What the pages of each database of a folder take, in bytes, the largest first. It has a process
 * of its own: LMDB must not be opened twice in one, for closing one drops the locks of both.
 */
const bytesOfDatabases = async (path: string): Promise<DatabaseSizes> => {
  const root = open<unknown, Key>({
    ...{ path, name: null as unknown as string, noSubdir: false, readOnly: true },
    ...{ encoding: 'binary', maxDbs: 64, mapSize: 2 ** 38 },
  })
  const names = [...root.getKeys()].map(String).filter((name) => name !== 'format')
  const sizes = names.map((name) => {
    const stats = root.openDB({ name, encoding: 'json' }).getStats() as Stats
    const { pageSize = 0, treeBranchPageCount = 0, treeLeafPageCount = 0 } = stats
    const pages = treeBranchPageCount + treeLeafPageCount + (stats['overflowPages'] ?? 0)
    return [name, pages * pageSize] as const
  })
  await root.close()
  return sizes.sort(([, one], [, other]) => other - one)
}

serve(({ path }: Readonly<{ path: string }>) => bytesOfDatabases(path))
