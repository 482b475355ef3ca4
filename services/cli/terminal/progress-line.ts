import type { Clock } from '../../../shared/kernel/clock.ts'

/** Where something long stands. */
export type Standing = Readonly<{
  done: number
  /** How many of these an earlier run did; they are left out of the rate. */
  resumed: number
  total: number
}>

const countText = (count: number): string => Math.round(count).toLocaleString('en-US')

const durationText = (seconds: number): string => {
  const whole = Math.ceil(seconds)
  if (whole < 60) return `${whole} s`
  return whole < 3_600
    ? `${Math.floor(whole / 60)} min ${whole % 60} s`
    : `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`
}

/** `1,000 of 4,000 leaves, 500 a second, 6 s left`. */
export const progressText = (
  { done, resumed, total }: Standing,
  what: string,
  elapsedMs: number,
): string => {
  const rate = ((done - resumed) * 1_000) / Math.max(1, elapsedMs)
  const left = rate > 0 ? `, ${durationText((total - done) / rate)} left` : ''
  return `${countText(done)} of ${countText(total)} ${what}, ${countText(rate)} a second${left}`
}

const everyMs = { terminal: 500, log: 10_000 } as const

/** Tells on stderr: a terminal has one line that changes, a log one every ten seconds. */
export const progressLine = (what: string, clock: Clock) => {
  const isTerminal = process.stderr.isTTY === true
  const begun = clock.monotonicMs()
  let toldMs = begun
  return {
    tell: (standing: Standing): void => {
      const now = clock.monotonicMs()
      if (now - toldMs < everyMs[isTerminal ? 'terminal' : 'log']) return
      toldMs = now
      const text = progressText(standing, what, now - begun)
      process.stderr.write(isTerminal ? `\r\u001b[K${text}` : `${text}\n`)
    },
    end: (): void => {
      if (isTerminal && toldMs !== begun) process.stderr.write('\n')
    },
  } as const
}
