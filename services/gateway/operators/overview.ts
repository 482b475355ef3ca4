import { isAuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { BlacklistView } from '../../../shared/ports/blacklist-view.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { GuardRegistry } from '../../../shared/ports/guard-registry.ts'
import type { TrailHeads } from '../../../shared/ports/trail-heads.ts'
import type { Asking } from '../audit/index.ts'
import {
  type AttachedGuard,
  attachedGuards,
  type RefusalQuantiles,
  refusalQuantiles,
  summedRefusals,
} from '../guards/index.ts'
import type { ReadContext } from '../publication/index.ts'
import { coverageOf } from '../questions/index.ts'
import type { EventCounts, EventRates } from './event-rates.ts'
import { type TrailState, trailState } from './trail-state.ts'

/** How far somebody who reads the log came; `null`: not known. */
export type Lag = Readonly<{ through: EpochMs | null; behindMs: number | null }>

export type Overview = Readonly<{
  at: EpochMs
  /** `null`: nobody fills the index of events. */
  rates: EventCounts | null
  /** Of all attached guards together, since each began. */
  refusals: RefusalQuantiles
  guards: readonly AttachedGuard[]
  /** Of the index of events, and of the collection `blacklist`. */
  lag: Readonly<{ auditor: Lag; projector: Lag }>
  /** Records that are parked; `null`: this process may not look. */
  deadLetters: number | null
  /** `null`: no trail is known here. */
  trail: TrailState | null
}>

export type OverviewDeps = Readonly<{
  context: Pick<ReadContext, 'storeClock'>
  guards: GuardRegistry
  audit: Asking
  trailHeads: TrailHeads | null
  operators: Readonly<{
    rates: EventRates
    log: Pick<EventLog, 'partitions' | 'bounds'>
    /** `null` where this process has none. */
    view: Pick<BlacklistView, 'closed'> | null
  }>
}>

/** What one part cannot say must not hide the others. */
const orNull = <T>(asked: Promise<T>): Promise<T | null> =>
  asked.catch((error: unknown) => {
    if (isAuthError(error)) return null
    throw error
  })

const lagOf = (through: EpochMs | null, now: EpochMs): Lag => ({
  through,
  behindMs: through === null ? null : Math.max(0, now - through),
})

/** How many records nobody could use. @throws AuthError LOG_UNAVAILABLE, LOG_DENIED */
export const countDeadLetters = async (
  log: Pick<EventLog, 'partitions' | 'bounds'>,
): Promise<number> => {
  const topic = 'auth.deadletters'
  let count = 0
  for (let partition = 0; partition < (await log.partitions(topic)); partition += 1) {
    const { start, end } = await log.bounds({ topic, partition })
    count += end - start
  }
  return count
}

/** How the fleet is, at one glance. @throws AuthError STORE_UNAVAILABLE without its guards */
export const overviewOf = async (deps: OverviewDeps): Promise<Overview> => {
  const { audit, trailHeads, operators } = deps
  const at = deps.context.storeClock.now()
  const guards = await attachedGuards(deps)
  const [rates, coverage, closed, deadLetters, trail] = await Promise.all([
    orNull(operators.rates.look(at)),
    orNull(coverageOf(audit)),
    orNull(operators.view?.closed() ?? Promise.resolve(null)),
    orNull(countDeadLetters(operators.log)),
    trailState(trailHeads, guards),
  ])
  const counted = guards.flatMap(({ refusals }) => refusals ?? [])
  return {
    ...{ at, rates, guards, deadLetters, trail },
    refusals: refusalQuantiles(summedRefusals(counted)),
    lag: {
      auditor: lagOf(coverage?.to ?? null, at),
      projector: lagOf(closed?.t ?? null, at),
    },
  }
}
