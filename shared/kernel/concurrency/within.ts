import type { Clock } from '../clock.ts'

/** Without a reason Node makes an exception with a stack: half of what the wait costs. */
const notNeeded = 'the wait is over'

/** What `work` brings or rejects with, or `undefined` after `ms`; then the work goes on. */
export const within = async <T>(
  clock: Clock,
  ms: number,
  work: Promise<T>,
): Promise<T | undefined> => {
  const timer = new AbortController()
  try {
    return await Promise.race([work, clock.sleep(ms, timer.signal).then(() => undefined)])
  } finally {
    timer.abort(notNeeded)
  }
}
