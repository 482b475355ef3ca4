import { secondsOrNever } from '../../../shared/metrics/guard-metrics-text.ts'
import { prometheusText } from '../../../shared/metrics/prometheus-text.ts'
import type { GuardRegistry } from '../../../shared/ports/guard-registry.ts'
import type { CommandContext } from '../publication/index.ts'
import { type AttachedGuard, attachedGuards } from './attached-guards.ts'

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
