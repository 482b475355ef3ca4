import { type Key, open } from 'lmdb'

type Stats = Readonly<Record<string, number>>

/** What the pages of each database of a folder take, in bytes, the largest first. */
export const bytesOfDatabases = async (
  path: string,
): Promise<readonly (readonly [name: string, bytes: number])[]> => {
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
