import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { GuardRegistry, GuardReport } from '../../../shared/ports/guard-registry.ts'
import type { TrailHeads } from '../../../shared/ports/trail-heads.ts'
import { appendEventOnce, type EventDeps } from '../publication/index.ts'
import { recentReports } from './attached-guards.ts'
import { type GuardChange, guardChanges, guardKey, type KnownGuard } from './guard-changes.ts'
import { type Counted, countedIn, propagationSummary } from './propagation-summary.ts'
import { TrailComparison, trailDisputes } from './trail-disputes.ts'

const lookMs = 5_000
const minuteMs = 60_000
/** What is left is told at later looks, so a fleet that attaches at once floods nothing. */
const changesPerLookMax = 20
/** What was told before is not told again by its name in the store. */
const disputedMax = 50_000

export type GuardWatchDeps = EventDeps &
  Readonly<{
    guards: GuardRegistry
    /** The trail that guards are compared with; `null` where this gateway knows of none. */
    trailHeads?: TrailHeads | null
  }>

/**
 * Tells what becomes of the attached guards, as events. Every gateway looks, and all of them see
 * the same reports; of an event that several append, one does.
 */
export class GuardWatch {
  readonly #deps: GuardWatchDeps
  readonly #known = new Map<string, KnownGuard>()
  #counted: Counted = new Map()
  #measuredAt: EpochMs | null = null
  readonly #trail: TrailComparison
  /** Disputes that are told, by name; those of a day ago may be told again. */
  readonly #disputed = new Set<string>()

  constructor(deps: GuardWatchDeps) {
    this.#deps = deps
    this.#trail = new TrailComparison(deps.trailHeads ?? null)
  }

  /** Looks once. What could not be appended is told at the next look. */
  async look(): Promise<void> {
    const { context } = this.#deps
    const reports = await recentReports(this.#deps)
    const now = context.storeClock.now()
    await this.#measure(reports, now)
    await this.#tellDisputes(reports)
    const changes = guardChanges(this.#known, reports).slice(0, changesPerLookMax)
    for (const change of changes) {
      await appendEventOnce(this.#deps, change.name, change.event)
      this.#remember(change, reports)
    }
    // While nothing is told of a guard, its newest report is what gone and fresh begin from.
    for (const report of reports) {
      if (this.#known.get(guardKey(report))?.ready === report.ready) this.#keep(report)
    }
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#deps.context
    while (!signal.aborted) {
      await this.look().catch((error: Error) => {
        logger.debug({ error }, 'the guards could not be looked at')
      })
      await clock.sleep(lookMs, signal)
    }
  }

  /** By the minutes of the store’s clock, which all gateways share. */
  async #measure(reports: readonly GuardReport[], now: EpochMs): Promise<void> {
    const to = (now - (now % minuteMs)) as EpochMs
    if (this.#measuredAt !== null && to <= this.#measuredAt) return
    const from = this.#measuredAt
    if (from !== null) {
      const events = propagationSummary(reports, this.#counted, { from, to })
      for (const [page, one] of events.entries()) {
        await appendEventOnce(this.#deps, `propagation:${to}:${page}`, one)
      }
    }
    this.#counted = countedIn(reports)
    this.#measuredAt = to
  }

  async #tellDisputes(reports: readonly GuardReport[]): Promise<void> {
    const all = trailDisputes(reports, await this.#trail.split(reports))
    const told = all.filter(({ name }) => !this.#disputed.has(name)).slice(0, changesPerLookMax)
    if (this.#disputed.size > disputedMax) this.#disputed.clear()
    for (const { name, event } of told) {
      await appendEventOnce(this.#deps, name, event)
      this.#disputed.add(name)
    }
  }

  #remember({ key, event: { type } }: GuardChange, reports: readonly GuardReport[]): void {
    const report = reports.find((one) => guardKey(one) === key)
    if (type === 'GuardGone' || !report) this.#known.delete(key)
    else this.#keep(type === 'GuardAttached' ? { ...report, ready: true } : report)
  }

  #keep(report: KnownGuard): void {
    this.#known.set(guardKey(report), report)
  }
}
