import type { Database, Key } from 'lmdb'
import type { EpochMs } from '../../../kernel/ids.ts'
import type { GuardRegistry, GuardReport } from '../../../ports/guard-registry.ts'
import { isFullFor, listedGuards } from '../../memory/guard-registry.ts'
import type { LmdbEnvironment } from '../environment/lmdb-environment.ts'

/**
 * The guard registry of one machine. A few entries, all of which `list` and a new guard's `note`
 * read. Closing it does nothing; whoever opened `env` closes that.
 */
export const lmdbGuardRegistry = (env: LmdbEnvironment): GuardRegistry => {
  /** Under `[client, instance]`. */
  const reports: Database<GuardReport, Key> = env.database('guards')
  const all = (): GuardReport[] => Array.from(reports.getRange(), ({ value }) => value)
  const sweep = (before: EpochMs, limit: number): number => {
    const old = all().filter(({ reportedAt }) => reportedAt <= before)
    const doomed = old.slice(0, limit)
    for (const { client, instance } of doomed) reports.removeSync([client, instance])
    return doomed.length
  }
  return {
    note: (report, bound) =>
      env.write(() => {
        const key = [report.client, report.instance]
        const kept = reports.get(key)
        if (!kept && isFullFor(all(), report, bound)) return 'full'
        if (!kept || report.reportedAt >= kept.reportedAt) reports.putSync(key, report)
        return 'noted'
      }),
    list: (since, limit) => env.read(() => [...listedGuards(all(), since, limit)]),
    sweep: (before, limit) => env.write(() => sweep(before, limit)),
    close: async () => {},
  }
}
