import { dayOf } from '../../../shared/events/personal-fields.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { GuardRegistry } from '../../../shared/ports/guard-registry.ts'
import { requestLifeMsMax } from '../../../shared/session/session-policy.ts'
import {
  type AccountDeps,
  completeErasures,
  completePendingCutoff,
  type ErasureDeps,
} from '../accounts/index.ts'
import { forgetSilentGuards } from '../guards/index.ts'

/** What housekeeping needs. */
export type HousekeepingDeps = AccountDeps & Readonly<{ guards: GuardRegistry }>
/** The same with the keys of persons. */
export type KeepingDeps = HousekeepingDeps & ErasureDeps
export type HousekeepingSettings = Readonly<{ unknownRetentionMs: number }>

const pauseMs = 2_000
const dropEveryMs = 3_600_000
const pauseBetweenCallsMs = 10
const cutoffsPerRun = 50
const prunedPerCall = 250
/** 5,000 commits a second and gateway: more than a gateway makes. */
const pruneCallsPerRun = 40

/**
 * Appends the pending cutoffs that interrupted changes of accounts left behind (decision 0073: a
 * password written after the cutoff).
 */
export const completePendingCutoffs = async (deps: HousekeepingDeps): Promise<void> => {
  const failures: Error[] = []
  for (const user of await deps.accounts.directory.withDue(cutoffsPerRun)) {
    // One account that fails must not delay the cutoffs of the others.
    await completePendingCutoff(deps, user).catch((error: Error) => failures.push(error))
  }
  if (failures[0]) throw failures[0]
}

/**
 * Deletes commits that no decision can need any more, in small calls with a pause in between and a
 * bounded number of calls a run.
 */
export const pruneCommits = async (
  { context: { store, storeClock, clock }, policy }: HousekeepingDeps,
  signal?: AbortSignal,
): Promise<void> => {
  const now = storeClock.now()
  const before = (now - policy.graceMs - requestLifeMsMax) as EpochMs
  for (let calls = 0; calls < pruneCallsPerRun && !signal?.aborted; calls += 1) {
    if ((await store.prune(now, before, prunedPerCall)) < prunedPerCall) return
    await clock.sleep(pauseBetweenCallsMs, signal)
  }
}

/** Nobody opens any more what was sealed for strangers so long ago. */
const dropOldDays = async (
  { context: { storeClock }, privacy: { keys } }: KeepingDeps,
  { unknownRetentionMs }: HousekeepingSettings,
): Promise<void> => {
  await keys.dropDays(dayOf(storeClock.now() - unknownRetentionMs))
}

/**
 * Every two seconds until `signal` aborts: appends pending cutoffs, completes erasures, deletes old
 * commits, forgets silent guards; once an hour drops old keys of days. Failures are logged and
 * tried again.
 */
export const runHousekeeping = async (
  deps: KeepingDeps,
  settings: HousekeepingSettings,
  signal: AbortSignal,
): Promise<void> => {
  const { clock, logger } = deps.context
  let failing = false
  let dropAtMs = 0
  while (!signal.aborted) {
    const dropsDays = clock.monotonicMs() >= dropAtMs
    try {
      const results = await Promise.allSettled([
        completePendingCutoffs(deps),
        pruneCommits(deps, signal),
        forgetSilentGuards(deps),
        completeErasures(deps),
        ...(dropsDays ? [dropOldDays(deps, settings)] : []),
      ])
      for (const result of results) if (result.status === 'rejected') throw result.reason
      if (dropsDays) dropAtMs = clock.monotonicMs() + dropEveryMs
      failing = false
    } catch (error) {
      if (!failing) logger.warn({ error: error as Error }, 'housekeeping failed; it goes on')
      failing = true
    }
    await clock.sleep(pauseMs, signal)
  }
}
