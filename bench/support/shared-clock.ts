/**
 * Milliseconds of CLOCK_MONOTONIC, which is one for all processes of a machine: instants taken in
 * two of them may be subtracted. `performance.now()` counts from the start of its process and may
 * not.
 */
export const sharedNowMs = (): number => Number(process.hrtime.bigint()) / 1e6
