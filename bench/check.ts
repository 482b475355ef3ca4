import type { Options } from './options.ts'
import { type Check, checkRatios, checkTable, pooled } from './regressions.ts'
import { type Measured, measuredIn } from './results.ts'
import { runScenario, type Servers } from './run-scenarios.ts'
import { say } from './say.ts'
import type { Scenario } from './scenario.ts'

const hasRegressed = ({ judged }: Check): boolean =>
  judged.some(({ verdict }) => verdict === 'regressed')

/** Measured once, and where that looks like a regression once more: both together are judged. */
const measuredForCheck = async (
  scenario: Scenario,
  servers: Servers,
  options: Options,
  committed: readonly Measured[],
): Promise<Measured> => {
  const once = async (): Promise<Measured> =>
    measuredIn([await runScenario(scenario, servers, options)])[0] as Measured
  const first = await once()
  if (!hasRegressed(checkRatios(committed, [first]))) return first
  say(`${scenario.name}: a ratio is worse than its committed figure; measuring once more`)
  return pooled(first, await once())
}

/** Prints each ratio beside its committed figure; `false` if one of them regressed. */
export const checkAgainst = async (
  committed: readonly Measured[],
  chosen: readonly Scenario[],
  servers: Servers,
  options: Options,
): Promise<boolean> => {
  const now: Measured[] = []
  for (const scenario of chosen) {
    now.push(await measuredForCheck(scenario, servers, options, committed))
  }
  const check = checkRatios(committed, now)
  process.stdout.write(`\n${checkTable(check)}\n`)
  for (const { scenario, measure, verdict } of check.judged) {
    if (verdict === 'regressed') say(`!!! REGRESSED: ${scenario}: ${measure}`)
  }
  return !hasRegressed(check)
}
