/** When every run begins. */
export const startMs = 1_800_000_000_000
