import type { Finding, Scenario } from './scenario.ts'

/** A scenario and what came of it. */
export type Section = Readonly<{ scenario: Scenario }> &
  (Readonly<{ finding: Finding; seconds: number }> | Readonly<{ notRun: string }>)

/** Where and on what. */
export type Machine = Readonly<Record<string, string>>
export type Report = Readonly<{ machine: Machine; sections: readonly Section[]; quick: boolean }>
