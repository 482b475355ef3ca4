import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { secondsOrNever } from '../../../shared/metrics/guard-metrics-text.ts'
import { prometheusText } from '../../../shared/metrics/prometheus-text.ts'
import type {
  GuardRegistry,
  GuardReport,
  ReportedSight,
} from '../../../shared/ports/guard-registry.ts'
import type { CommandContext } from '../publication/index.ts'

/** A guard that did not report for longer is not attached any more. */
const attachedForMs = 60_000
/** One client cannot crowd out the guards of others. */
const guardsPerClientMax = 1_000
/** The most guards of all clients together; it bounds the size of an answer and of a scrape. */
const guardsListedMax = 20_000
const sweptPerRun = 100
const dayMs = 86_400_000

type Deps = Readonly<{ context: Pick<CommandContext, 'storeClock'>; guards: GuardRegistry }>

/** As `GET /guards` shows it. */
export const sightBody = ({ state, head, seenAt, ageMs }: ReportedSight, silentMs: number) => ({
  ...{ state, head },
  seen_at: seenAt,
  // What it reported, plus the time since the report.
  age_ms: ageMs === null ? null : ageMs + silentMs,
})

/** What a guard reported last, and how long ago. */
export type AttachedGuard = GuardReport & Readonly<{ silentMs: number }>

const attachedSince = (now: EpochMs): EpochMs => (now - attachedForMs) as EpochMs

/** @throws AuthError GUARDS_FULL when this client has too many; STORE_UNAVAILABLE. */
export const noteGuard = async (
  { guards, context: { storeClock } }: Deps,
  report: Omit<GuardReport, 'reportedAt'>,
): Promise<void> => {
  const reportedAt = storeClock.now()
  const bound = { since: attachedSince(reportedAt), max: guardsPerClientMax }
  if ((await guards.note({ ...report, reportedAt }, bound)) === 'noted') return
  throw new AuthError('GUARDS_FULL', `${report.client} has ${guardsPerClientMax} guards already.`, {
    retryAfterMs: attachedForMs,
  })
}

/** The newest reports of the last minute. */
export const recentReports = ({
  guards,
  context: { storeClock },
}: Deps): Promise<readonly GuardReport[]> =>
  guards.list(attachedSince(storeClock.now()), guardsListedMax)

/** Guards that reported in the last minute, to any gateway of the fleet. */
export const attachedGuards = async (deps: Deps): Promise<readonly AttachedGuard[]> => {
  const now = deps.context.storeClock.now()
  const reports = await recentReports(deps)
  return reports.map((report) => ({
    ...report,
    silentMs: Math.max(0, now - report.reportedAt),
  }))
}

/** Deletes reports older than a day, at most 100 in a call. */
export const forgetSilentGuards = async ({
  guards,
  context: { storeClock },
}: Deps): Promise<void> => {
  await guards.sweep((storeClock.now() - dayMs) as EpochMs, sweptPerRun)
}

/**
 * Metrics of the attached guards, for `/metrics`. None if the store does not answer: then the other
 * metrics are needed most, and the scrape must not fail.
 */
export const attachedGuardMetrics = async (
  deps: Readonly<{ context: Pick<CommandContext, 'storeClock'>; guards: GuardRegistry }>,
): Promise<string> => {
  const guards = await attachedGuards(deps).catch((): AttachedGuard[] => [])
  const valued = (numberOf: (guard: AttachedGuard) => number) =>
    guards.map((guard) => ({
      labels: { guard: guard.name, client: guard.client, instance: guard.instance },
      value: numberOf(guard),
    }))
  return [
    prometheusText(
      'curfew_attached_guard_ready',
      valued(({ ready }) => (ready ? 1 : 0)),
    ),
    prometheusText(
      'curfew_attached_guard_staleness_seconds',
      valued(({ stalenessMs, silentMs }) =>
        secondsOrNever(stalenessMs === null ? null : stalenessMs + silentMs),
      ),
    ),
    prometheusText(
      'curfew_attached_guard_trail',
      guards.flatMap(({ name: guard, client, instance, trail }) =>
        trail ? [{ labels: { guard, client, instance, state: trail.state }, value: 1 }] : [],
      ),
    ),
    prometheusText(
      'curfew_attached_guard_trail_age_seconds',
      guards.flatMap(({ name: guard, client, instance, trail, silentMs }) => {
        const ageMs = trail?.ageMs ?? null
        if (ageMs === null) return []
        return [{ labels: { guard, client, instance }, value: (ageMs + silentMs) / 1_000 }]
      }),
    ),
  ].join('')
}
