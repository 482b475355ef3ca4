import type { Clock } from '../shared/kernel/clock.ts'
import type { Lifecycle } from '../shared/kernel/lifecycle.ts'
import type { KafkaServer, MongoServer, ServerKind } from '../test/support/servers/servers.ts'

export type Unit = '%' | 'per s' | 'ms' | 's' | 'MiB' | 'MB' | 'packages' | 'µs' | 'bytes' | '×'
export type Target = Readonly<{ atLeast: number }> | Readonly<{ atMost: number }>

/** One line of the report: what was measured, once a repeat, in the order of the repeats. */
export type Row = Readonly<{
  measure: string
  unit: Unit
  repeats: readonly number[]
  /** What the median is held against. A row with a target is in the one table. */
  target?: Target
  /** Its name in the one table: the command, and what stands beside it. */
  command?: string
  beside?: string
  /** Why there is no figure: a peer that could not be had. */
  notRun?: string
}>

export type Finding = Readonly<{
  rows: readonly Row[]
  /** Sentences without which the rows would be misread. */
  notes: readonly string[]
  versions?: Readonly<Record<string, string>>
}>

export type BenchServers = Readonly<{ kafka: KafkaServer | null; mongo: MongoServer | null }>

export type Bench = Readonly<{
  clock: Clock
  /** A short run shows that the scripts work and the order of magnitude, nothing more. */
  quick: boolean
  /** At least three in a full run. */
  repeats: number
  /** Without them a run is shorter: two checkouts of Curfew are compared with each other. */
  withPeers: boolean
  /** How many events a scenario of events has; `null`: as many as it says itself. */
  events: number | null
  /** How many sessions the console has to show; `null`: as many as its budgets say. */
  sessions: number | null
  servers: BenchServers
  /** Processes and folders of the scenario; closed by the runner, in reverse. */
  parts: Lifecycle
  /** Progress, for the person who waits. */
  say: (text: string) => void
}>

/** One claim, and how it is measured. */
export type Scenario = Readonly<{
  name: string
  claim: string
  needs: readonly ServerKind[]
  measure: (bench: Bench) => Promise<Finding>
}>
