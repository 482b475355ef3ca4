import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { type Key, open } from 'lmdb'

type Row = readonly [key: Key, value: unknown]
export type OlderStore = Readonly<{
  format: Readonly<Record<string, unknown>>
  databases: Readonly<Record<string, readonly Row[]>>
}>

/** What a version of format 2 once stored; nothing edits this file. */
export const storeOfFormat2 = (): OlderStore => {
  const file = new URL('../../golden/lmdb/format2.json', import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')) as OlderStore
}

export const openPlain = (path: string) =>
  open<unknown, Key>({
    ...{ path, name: null as unknown as string, noSubdir: false },
    ...{ encoding: 'json', maxDbs: 64 },
  })

/** The same store as files. */
export const writeOlderStore = async (path: string, store: OlderStore): Promise<void> => {
  await mkdir(path, { recursive: true })
  const root = openPlain(path)
  for (const [name, rows] of Object.entries(store.databases)) {
    const database = root.openDB<unknown, Key>({ name, encoding: 'json' })
    for (const [key, value] of rows) database.putSync(key, value)
  }
  root.putSync('format', store.format)
  await root.close()
}
