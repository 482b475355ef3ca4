import type { GuardRegistry, GuardReport } from '../../ports/guard-registry.ts'
import { deepFreeze } from './deep-freeze.ts'

const keyOf = ({ client, instance }: GuardReport): string => `${client}/${instance}`

const inOrder = (a: GuardReport, b: GuardReport): number => {
  const [left, right] = [`${a.name}/${keyOf(a)}`, `${b.name}/${keyOf(b)}`]
  return left < right ? -1 : left > right ? 1 : 0
}

/** Those that `list` shows, out of all there are. */
export const listedGuards = (
  reports: readonly GuardReport[],
  since: GuardReport['reportedAt'],
  limit: number,
): readonly GuardReport[] =>
  reports
    .filter(({ reportedAt }) => reportedAt > since)
    .sort(inOrder)
    .slice(0, limit)

/** Whether `client` has as many guards of late as it may. */
export const isFullFor = (
  reports: readonly GuardReport[],
  { client }: GuardReport,
  { since, max }: Readonly<{ since: GuardReport['reportedAt']; max: number }>,
): boolean => {
  const isOfLate = (one: GuardReport): boolean => one.client === client && one.reportedAt > since
  return reports.filter(isOfLate).length >= max
}

/** The executable model of a guard registry. Nothing survives the process. */
export const openMemoryGuardRegistry = (): GuardRegistry => {
  const reports = new Map<string, GuardReport>()
  return {
    note: async (report, bound) => {
      const key = keyOf(report)
      const kept = reports.get(key)
      if (!kept && isFullFor([...reports.values()], report, bound)) return 'full'
      if (!kept || report.reportedAt >= kept.reportedAt) reports.set(key, deepFreeze(report))
      return 'noted'
    },
    list: async (since, limit) => listedGuards([...reports.values()], since, limit),
    sweep: async (before, limit) => {
      const old = [...reports].filter(([, { reportedAt }]) => reportedAt <= before).slice(0, limit)
      for (const [key] of old) reports.delete(key)
      return old.length
    },
    close: async () => {},
  }
}
