import { Lifecycle } from '../../shared/kernel/lifecycle.ts'
import type { FeedGuardsReply, FeedGuardsRequest } from '../load/feed-guards.ts'
import type { SeededSession } from './session-seeder.ts'
import { openWorker, type Worker } from './worker.ts'

/** Guards that are shared by some processes and watch one session at a time. */
export type GuardProcesses = Readonly<{
  watch: (session: SeededSession) => Promise<void>
  /** When each of them refused, on the machine’s clock. */
  refused: () => Promise<readonly number[]>
  close: () => Promise<void>
}>

/** `total` in as many shares that differ by one at most. */
export const sharesOf = (total: number, processes: number): readonly number[] =>
  Array.from({ length: processes }, (_, index) =>
    Math.floor((total + processes - 1 - index) / processes),
  )

/** One process for each share, each with so many guards. Resolves when all are ready. */
export const openGuardProcesses = async (
  settings: Readonly<Record<string, string>>,
  shares: readonly number[],
): Promise<GuardProcesses> => {
  const parts = new Lifecycle()
  const workers: Worker<FeedGuardsRequest, FeedGuardsReply>[] = []
  for (const count of shares) {
    const file = '../load/feed-guards.ts'
    const worker = await parts.use(openWorker<FeedGuardsRequest, FeedGuardsReply>(file))
    await worker.ask({ kind: 'open', settings, count })
    workers.push(worker)
  }
  const all = (request: FeedGuardsRequest): Promise<FeedGuardsReply[]> =>
    Promise.all(workers.map((worker) => worker.ask(request)))
  return {
    watch: async ({ access: token, sid }) => void (await all({ kind: 'watch', token, sid })),
    refused: async () => (await all({ kind: 'refused' })).flatMap(({ atMs }) => atMs),
    close: () => parts.close(),
  }
}
