import type { Guard } from '../guard/guard.ts'
import type { GuardStatus } from '../guard/verdict.ts'
import { type MetricName, metricTable } from './metric-table.ts'

type Measured = readonly [name: string, metrics: GuardStatus]
type Line = readonly [suffix: string, labels: Readonly<Record<string, string>>, value: number]

const shownNumber = (value: number): string =>
  value === Number.POSITIVE_INFINITY ? '+Inf' : String(value)

// Prometheus' text format, 0.0.4: three characters of a label's value are escaped.
const quoted = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`

const block = (
  name: MetricName,
  all: readonly Measured[],
  linesOf: (metrics: GuardStatus) => readonly Line[],
): string[] => {
  const { help, kind } = metricTable[name]
  const lines = all.flatMap(([guard, metrics]) =>
    linesOf(metrics).map(([suffix, labels, value]) => {
      const shown = Object.entries({ guard, ...labels }).map(
        ([key, one]) => `${key}=${quoted(one)}`,
      )
      return `${name}${suffix}{${shown.join(',')}} ${shownNumber(value)}`
    }),
  )
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`, ...lines]
}

/** What guards know of themselves, in Prometheus' text format; they hold no library for it. */
export const guardLines = (guards: readonly (readonly [string, Guard])[]): string => {
  const all = guards.map(([name, guard]): Measured => [name, guard.status()])
  const staleness = ({ stalenessMs }: GuardStatus): number =>
    stalenessMs === null ? Number.POSITIVE_INFINITY : stalenessMs / 1000
  return [
    ...block('curfew_guard_ready', all, ({ ready }) => [['', {}, ready ? 1 : 0]]),
    ...block('curfew_guard_staleness_seconds', all, (one) => [['', {}, staleness(one)]]),
    ...block('curfew_guard_revocations', all, ({ entries }) => [['', {}, entries]]),
    '',
  ].join('\n')
}
