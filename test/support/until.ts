import { systemClock } from '../../shared/kernel/clock.ts'

/**
 * Resolves once `holds` answers true; looks every 10 ms of real time.
 * @throws Error that names `what` when it does not hold within `limitMs`.
 */
export const until = async (
  what: string,
  holds: () => boolean | Promise<boolean>,
  limitMs = 30_000,
): Promise<void> => {
  const startedAt = systemClock.monotonicMs()
  while (!(await holds())) {
    if (systemClock.monotonicMs() - startedAt > limitMs) {
      throw new Error(`waited ${limitMs} ms in vain until ${what}`)
    }
    await systemClock.sleep(10)
  }
}

/** `count` calls that begin in the same turn; results in the order of the calls. */
export const race = <T>(count: number, call: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => call(index)))
