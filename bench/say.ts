import { systemClock } from '../shared/kernel/clock.ts'

const startedMs = systemClock.monotonicMs()

/** Progress, for the person who waits. */
export const say = (text: string): void => {
  const seconds = Math.round((systemClock.monotonicMs() - startedMs) / 1_000)
  process.stderr.write(`${String(seconds).padStart(4)} s  ${text}\n`)
}
