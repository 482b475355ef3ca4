import { randomBytes } from 'node:crypto'
import { open } from 'lmdb'
import { GroupCommit } from '../../shared/adapters/lmdb/environment/group-commit.ts'
import { serve } from '../support/serve.ts'
import { sharedNowMs } from '../support/shared-clock.ts'

export type RawLmdbPlan = Readonly<{
  dir: string
  callers: number
  commitBytes: number
  ms: number
}>
export type RawLmdbResult = Readonly<{ commits: number; transactions: number; elapsedMs: number }>

/**
 * What the disk allows: each caller puts one value and waits until it is durable, all of one turn
 * share one transaction. Opened as Curfew's files are, so that a resolved put has been synced.
 */
const measure = async ({ dir, callers, commitBytes, ms }: RawLmdbPlan): Promise<RawLmdbResult> => {
  const root = open<Buffer, [number, number]>({
    path: dir,
    noSubdir: false,
    encoding: 'binary',
    overlappingSync: false,
  })
  let transactions = 0
  const commits = new GroupCommit((work) => {
    transactions += 1
    return root.transactionSync(work)
  })
  const startedMs = sharedNowMs()
  let made = 0
  const caller = async (_: unknown, index: number): Promise<void> => {
    const value = randomBytes(commitBytes)
    for (let version = 0; sharedNowMs() - startedMs < ms; version += 1) {
      await commits.run(() => root.putSync([index, version], value))
      made += 1
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  const elapsedMs = sharedNowMs() - startedMs
  await root.close()
  return { commits: made, transactions, elapsedMs }
}

serve(measure)
