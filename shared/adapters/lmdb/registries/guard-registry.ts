import type { Database, Key } from 'lmdb'
import type { EpochMs } from '../../../kernel/ids.ts'
import type { GuardRegistry, GuardReport } from '../../../ports/guard-registry.ts'
import { isFullFor, listedGuards } from '../../memory/guard-registry.ts'
import { type LmdbEnvironment, lmdbWrites } from '../environment/lmdb-environment.ts'

type GuardBound = Parameters<GuardRegistry['note']>[1]
/** Under `[client, instance]`. */
type Reports = Database<GuardReport, Key>
const all = (reports: Reports): GuardReport[] =>
  Array.from(reports.getRange(), ({ value }) => value)

export const guardWrites = lmdbWrites('guards', (env): Reports => env.database('guards'), {
  note: (reports, report: GuardReport, bound: GuardBound): 'noted' | 'full' => {
    const key = [report.client, report.instance]
    const kept = reports.get(key)
    if (!kept && isFullFor(all(reports), report, bound)) return 'full'
    if (!kept || report.reportedAt >= kept.reportedAt) reports.putSync(key, report)
    return 'noted'
  },
  sweep: (reports, before: EpochMs, limit: number): number => {
    const old = all(reports).filter(({ reportedAt }) => reportedAt <= before)
    const doomed = old.slice(0, limit)
    for (const { client, instance } of doomed) reports.removeSync([client, instance])
    return doomed.length
  },
})

/**
 * The guard registry of one machine. A few entries, all of which `list` and a new guard's `note`
 * read. Closing it does nothing; whoever opened `env` closes that.
 */
export const lmdbGuardRegistry = (env: LmdbEnvironment): GuardRegistry => {
  const { dbs: reports, write } = env.use(guardWrites)
  return {
    ...write,
    list: (since, limit) => env.read(() => [...listedGuards(all(reports), since, limit)]),
    close: async () => {},
  }
}
