import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { requestLifeMsMax } from '../../../shared/session/policy.ts'
import { settleDue } from '../accounts/pending-cutoff.ts'
import { forgetGuards } from '../guards/attached-guards.ts'
import type { GatewayParts } from '../parts.ts'

const pauseMs = 2_000
const breathMs = 10
const duePerRun = 50
const prunedPerCall = 250
/** 2,500 commits a second and gateway: more than a gateway makes. */
const pruneCallsPerRun = 20

/**
 * Appends the cutoffs that interrupted changes of accounts left due (decision 0073: a password
 * written after the cutoff).
 */
export const settleAllDue = async (parts: GatewayParts): Promise<void> => {
  const failures: Error[] = []
  for (const user of await parts.directory.withDue(duePerRun)) {
    // One account that cannot be settled must not hold up the cutoffs that others owe.
    await settleDue(parts, user).catch((error: Error) => failures.push(error))
  }
  if (failures[0]) throw failures[0]
}

/**
 * Deletes commits that no decision can need any more: small calls with a breath between, bounded
 * work a run.
 */
export const pruneCommits = async (
  { store, storeClock, policy, clock }: GatewayParts,
  signal?: AbortSignal,
): Promise<void> => {
  const now = storeClock.now()
  const before = (now - policy.graceMs - requestLifeMsMax) as EpochMs
  for (let calls = 0; calls < pruneCallsPerRun && !signal?.aborted; calls += 1) {
    if ((await store.prune(now, before, prunedPerCall)) < prunedPerCall) return
    await clock.sleep(breathMs, signal)
  }
}

/**
 * Housekeeping that nobody waits for, until `signal` aborts. Failures are logged and tried again.
 */
export const runKeeper = async (parts: GatewayParts, signal: AbortSignal): Promise<void> => {
  const { clock, logger } = parts
  let failing = false
  while (!signal.aborted) {
    try {
      const settled = await Promise.allSettled([
        settleAllDue(parts),
        pruneCommits(parts, signal),
        forgetGuards(parts),
      ])
      for (const one of settled) if (one.status === 'rejected') throw one.reason
      failing = false
    } catch (error) {
      if (!failing) logger.warn({ error: error as Error }, 'housekeeping failed; it goes on')
      failing = true
    }
    await clock.sleep(pauseMs, signal)
  }
}
