import type { Lifecycle } from '../../shared/kernel/lifecycle.ts'
import type { RequestLoad, RequestLoadResult } from '../load/request-load.ts'
import { openWorker, type Worker } from './worker.ts'

export type RequestLoadWorker = Worker<RequestLoad, RequestLoadResult>

export const openRequestLoad = (parts: Lifecycle): Promise<RequestLoadWorker> =>
  parts.use(openWorker<RequestLoad, RequestLoadResult>('../load/request-load.ts'))

/** What was answered, as requests a second. */
export const perSecond = ({ requests, elapsedMs }: RequestLoadResult): number =>
  (requests / elapsedMs) * 1_000
