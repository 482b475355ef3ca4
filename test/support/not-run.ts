let told = 0

/** Says aloud what was left out and why; `test/run.ts` repeats such lines at its end. */
export const notRun = (what: string, why: string): void => {
  told += 1
  process.stdout.write(`NOT RUN: ${what}: ${why}\n`)
}

/** How often this process said so. */
export const timesNotRun = (): number => told
