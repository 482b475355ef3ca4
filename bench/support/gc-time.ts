import { PerformanceObserver } from 'node:perf_hooks'
import { setImmediate as nextTurn } from 'node:timers/promises'

type Span = Readonly<{ startMs: number; endMs: number }>

/** What the garbage collector took from whoever ran, by `performance.now`. */
export type GcWatch = Readonly<{
  /** Resolves when all collections so far are known. */
  settled(): Promise<void>
  within(span: Span): number
  close(): void
}>

export const watchGc = (): GcWatch => {
  const seen: Span[] = []
  const observer = new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      seen.push({ startMs: startTime, endMs: startTime + duration })
    }
  })
  observer.observe({ entryTypes: ['gc'] })
  return {
    settled: async () => {
      for (let turn = 0; turn < 3; turn += 1) await nextTurn()
    },
    within: ({ startMs, endMs }) =>
      seen.reduce((sum, gc) => {
        return sum + Math.max(0, Math.min(endMs, gc.endMs) - Math.max(startMs, gc.startMs))
      }, 0),
    close: () => observer.disconnect(),
  }
}
