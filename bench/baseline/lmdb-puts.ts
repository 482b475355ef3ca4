import { type Key, open } from 'lmdb'
import { sharedNowMs } from '../support/shared-clock.ts'

/** Databases of a view, each with all that lies in it. */
export type LmdbContent = readonly (readonly [
  name: string,
  entries: readonly (readonly [Key, unknown])[],
])[]

const batch = 10_000
/** Values are taken as the bytes that they are. */
const optionsOf = (name: string) => ({ name, encoding: 'binary' }) as const

const opened = (path: string) =>
  open<unknown, Key>({ path, noSubdir: false, encoding: 'json', overlappingSync: false })

/** All that lies in these databases of a folder. */
export const lmdbContent = async (path: string, names: readonly string[]): Promise<LmdbContent> => {
  const root = opened(path)
  const found = names.map((name) => {
    const entries = [...root.openDB<unknown, Key>(optionsOf(name)).getRange()]
    return [
      name,
      entries.map(({ key, value }) => [key, Buffer.from(value as Buffer)] as const),
    ] as const
  })
  await root.close()
  if (found.every(([, entries]) => entries.length === 0)) throw new Error(`${path} holds nothing`)
  return found
}

/** Seconds to put the same into an empty folder, in large durable transactions. */
export const putAllS = async (path: string, content: LmdbContent): Promise<number> => {
  const root = opened(path)
  const databases = content.map(([name]) => root.openDB<unknown, Key>(optionsOf(name)))
  const beganMs = sharedNowMs()
  for (const [index, [, entries]] of content.entries()) {
    for (let from = 0; from < entries.length; from += batch) {
      root.transactionSync(() => {
        for (const [key, value] of entries.slice(from, from + batch)) {
          databases[index]?.putSync(key, value)
        }
      })
    }
  }
  const seconds = (sharedNowMs() - beganMs) / 1_000
  await root.close()
  return seconds
}
