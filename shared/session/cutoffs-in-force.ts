import type { Commit, Epoch } from '../events/commit.ts'

export const noCutoffs: Epoch = { sub: -1, client: -1, all: -1 }

/** The cutoffs in force, from the newest commits of `u/`, `c/` and `all`. */
export const cutoffsOf = (
  subject: Commit | null,
  client: Commit | null,
  everyone: Commit | null,
): Epoch => ({
  sub: subject?.cutoff ?? -1,
  client: client?.cutoff ?? -1,
  all: everyone?.cutoff ?? -1,
})

/** A session is dead iff it began below any cutoff. Integers only: no clock takes part. */
export const isBelowCutoff = (epoch: Epoch, cutoffs: Epoch): boolean =>
  epoch.sub < cutoffs.sub || epoch.client < cutoffs.client || epoch.all < cutoffs.all
