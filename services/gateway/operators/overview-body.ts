import { type AttachedGuard, type RefusalQuantiles, refusalQuantiles } from '../guards/index.ts'
import type { Lag, Overview } from './overview.ts'

const time = (at: number): string => new Date(at).toISOString()
const timeOrNull = (at: number | null): string | null => (at === null ? null : time(at))

const quantiles = ({ count, p50Ms, p99Ms, maxMs }: RefusalQuantiles) => ({
  ...{ count, p50_ms: p50Ms, p99_ms: p99Ms, max_ms: maxMs },
})

const guardBody = ({ stalenessMs, silentMs, refusals, trail, ...guard }: AttachedGuard) => ({
  ...{ name: guard.name, client: guard.client, instance: guard.instance, feed: guard.feed },
  ready: guard.ready,
  // What it reported, plus the time since the report.
  staleness_ms: stalenessMs === null ? null : Math.round(stalenessMs + silentMs),
  silent_ms: silentMs,
  revocations: guard.revocations,
  refusals: refusals ? quantiles(refusalQuantiles(refusals)) : null,
  trail: trail?.state ?? null,
})

const lagBody = ({ through, behindMs }: Lag) => ({
  through: timeOrNull(through),
  behind_ms: behindMs,
})

/** As `GET /overview` and `curfew overview --json` show it. */
export const overviewBody = ({
  at,
  rates,
  refusals,
  guards,
  lag,
  deadLetters,
  trail,
}: Overview) => ({
  at: time(at),
  rates: rates && {
    ...{ from: time(rates.from), to: time(rates.to) },
    seconds: rates.seconds.map(({ at: second, ...counts }) => ({ at: time(second), ...counts })),
  },
  refusals: quantiles(refusals),
  guards: guards.map(guardBody),
  lag: { auditor: lagBody(lag.auditor), projector: lagBody(lag.projector) },
  dead_letters: deadLetters,
  trail: trail && {
    ...{ state: trail.state, head: trail.head, guards: trail.guards },
    cosigned: trail.cosigned.map(({ name, at: cosignedAt }) => ({ name, at: time(cosignedAt) })),
  },
})
