/** Says aloud what was left out and why; `test/run.ts` repeats such lines at its end. */
export const notRun = (what: string, why: string): void => {
  process.stdout.write(`NOT RUN: ${what}: ${why}\n`)
}
