import type { Dialect } from '../load/refresh-dialects.ts'
import type { RefreshLoad, RefreshLoadResult } from '../load/refresh-load.ts'
import { cpuMsOf } from './curfew-process.ts'
import type { Worker } from './worker.ts'

export type RefreshLoadWorker = Worker<RefreshLoad, RefreshLoadResult>

/** A server that rotates, and what its sessions hold now. `pid` is 0 where it has many. */
export type RotatingServer = {
  readonly url: string
  readonly pid: number
  readonly dialect: Dialect
  cookies: readonly string[]
}
export type Round = Readonly<{
  perSecond: number
  p50Ms: number
  p99Ms: number
  cpuUs: number
  sample: string
}>

/** One closed loop of so many connections for a while. The server keeps its newest tokens. */
export const roundOf = async (
  load: RefreshLoadWorker,
  server: RotatingServer,
  connections: number,
  ms: number,
): Promise<Round> => {
  const { url, pid, dialect, cookies } = server
  const cpuBefore = pid > 0 ? cpuMsOf(pid) : Number.NaN
  const result = await load.ask({ url, dialect, cookies, plan: { connections, ms } })
  server.cookies = result.cookies
  const cpu = pid > 0 ? cpuMsOf(pid) - cpuBefore : Number.NaN
  return {
    perSecond: (result.rotations / result.elapsedMs) * 1_000,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    cpuUs: (cpu * 1_000) / result.rotations,
    sample: result.sample,
  }
}
