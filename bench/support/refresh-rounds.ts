import type { Dialect } from '../load/refresh-dialects.ts'
import type { RefreshLoad, RefreshLoadResult } from '../load/refresh-load.ts'
import { cpuMsOf } from './curfew-process.ts'
import { untilIdle } from './until-idle.ts'
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
  /** With what the server put off, and did after the last answer. */
  cpuUs: number
  sample: string
}>

/** One closed loop of so many connections for a while. The server keeps its newest tokens. */
const play = async (
  load: RefreshLoadWorker,
  server: RotatingServer,
  plan: RefreshLoad['plan'],
): Promise<RefreshLoadResult> => {
  const { url, dialect, cookies } = server
  const result = await load.ask({ url, dialect, cookies, plan })
  server.cookies = result.cookies
  return result
}

/**
 * One closed loop of so many connections for a while, until the server has come to rest.
 */
export const roundOf = async (
  load: RefreshLoadWorker,
  server: RotatingServer,
  connections: number,
  ms: number,
): Promise<Round> => {
  const { pid } = server
  const cpuBefore = pid > 0 ? cpuMsOf(pid) : Number.NaN
  const result = await play(load, server, { connections, ms })
  if (pid > 0) await untilIdle(() => cpuMsOf(pid))
  const cpu = pid > 0 ? cpuMsOf(pid) - cpuBefore : Number.NaN
  return {
    perSecond: (result.rotations / result.elapsedMs) * 1_000,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    cpuUs: (cpu * 1_000) / result.rotations,
    sample: result.sample,
  }
}

/** Longer than trail and index wait while a process is busy. */
const sustainedMs = 35_000

/**
 * A round behind so much of the same without a break that nothing is put off any more: what a
 * server keeps up for hours.
 */
export const sustainedRoundOf = async (
  load: RefreshLoadWorker,
  server: RotatingServer,
  connections: number,
  ms: number,
): Promise<Round> => {
  await play(load, server, { connections, ms: sustainedMs })
  return roundOf(load, server, connections, ms)
}
