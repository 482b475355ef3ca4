import { ABORT, type Key, open, type RootDatabase, type Transaction } from 'lmdb'
import { freePages } from '../../../shared/adapters/lmdb/environment/free-pages.ts'

const steps = 1_000
const pageBytes = 4_096
/** One to a page, so that what is removed leaves free pages one by one. */
const value = 'x'.repeat(3_500)

/** Mulberry32: the same draws wherever it runs, for sequences that were found once. */
const drawing = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** Small and large values, removals, aborted transactions and readers that stay, as drawn. */
const churn = (root: RootDatabase<string, Key>, seed: number): void => {
  const db = root.openDB({ name: 'churned', encoding: 'string' })
  const draw = drawing(seed)
  const keys = 3_000 + draw(6_000)
  const pagesMax = 2 + draw(200)
  let reader: Transaction | null = null
  const write = (times: number, work: () => void): void => {
    root.transactionSync(() => {
      for (let left = times; left > 0; left -= 1) work()
    })
  }
  const put = (): void => {
    db.putSync(draw(keys), value)
  }
  const kinds: readonly (readonly [weight: number, step: () => void])[] = [
    [draw(60), () => write(1 + draw(20), put)],
    [
      draw(30),
      () =>
        write(1, () => {
          put()
          db.putSync(keys + draw(20), 'y'.repeat(pageBytes * (1 + draw(pagesMax))))
        }),
    ],
    [draw(20), () => write(draw(50), () => db.removeSync(draw(keys)))],
    [
      draw(30),
      () => {
        root.transactionSync(() => {
          put()
          return ABORT
        })
      },
    ],
    [
      draw(20),
      () => {
        reader?.done()
        reader = reader ? null : root.useReadTransaction()
        if (reader) db.get(1, { transaction: reader })
      },
    ],
    [draw(5), () => write(draw(1_500), put)],
    [1, () => write(1, put)],
  ]
  const all = kinds.reduce((sum, [weight]) => sum + weight, 0)
  root.transactionSync(() => {
    for (let key = 0; key < keys; key += 1) db.putSync(key, value)
  })
  root.transactionSync(() => {
    for (let key = 0; key < keys; key += 1) if (draw(2)) db.removeSync(key)
  })
  for (let step = 0; step < steps; step += 1) {
    let drawn = draw(all)
    kinds.find(([weight]) => {
      drawn -= weight
      return drawn < 0
    })?.[1]()
  }
}

/**
 * `churned-lmdb.ts FOLDER kept|anew SEED…`, a process of its own: with the list of free pages kept,
 * as lmdb-js does, some seeds end it.
 */
const [path = '', list, ...seeds] = process.argv.slice(2)
for (const seed of seeds) {
  const untyped = { ...(list === 'kept' ? {} : freePages), name: null as unknown as string }
  const root = open<string, Key>({
    ...{ path: `${path}/${seed}`, noSubdir: false, encoding: 'string', noSync: true },
    ...{ maxDbs: 8, mapSize: 2 ** 33, overlappingSync: false },
    ...untyped,
  })
  churn(root, Number(seed))
  await root.close()
}
