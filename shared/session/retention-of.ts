const dayMs = 86_400_000

/**
 * How long the log keeps revocations: never less than a day, so that a guard that was down for a
 * night starts from the log.
 */
export const retentionOf = (longestLifetimeMs: number): number =>
  Math.max(dayMs, 2 * longestLifetimeMs)
