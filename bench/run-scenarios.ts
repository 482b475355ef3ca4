import { systemClock } from '../shared/kernel/clock.ts'
import { Lifecycle } from '../shared/kernel/lifecycle.ts'
import { isMissing, type ServerKind, useServers } from '../test/support/servers/servers.ts'
import type { Options } from './options.ts'
import { say } from './say.ts'
import type { Bench, BenchServers, Scenario } from './scenario.ts'
import type { Section } from './section.ts'
import { unlessProcessLost } from './support/lost-process.ts'

export type Servers = BenchServers & Readonly<{ missing: Partial<Record<ServerKind, string>> }>
type How = Pick<Options, 'quick' | 'repeats' | 'withPeers' | 'events' | 'sessions'>

/** What the chosen scenarios need, started once for all of them. */
export const serversFor = async (chosen: readonly Scenario[]): Promise<Servers> => {
  const kinds = [...new Set(chosen.flatMap(({ needs }) => needs))]
  if (kinds.length > 0) say(`starting ${kinds.join(' and ')} …`)
  const found = await useServers(kinds)
  const missing: Partial<Record<ServerKind, string>> = {}
  for (const kind of kinds) {
    const server = found[kind]
    if (isMissing(server)) missing[kind] = server.missing
  }
  const given = <T extends object>(server: T | undefined) =>
    server && !('missing' in server) ? server : null
  return { kafka: given(found.kafka), mongo: given(found.mongo), missing } as Servers
}

/** The figures are there by then, so they are not thrown away for it. */
const notClosed = (name: string, error: unknown): void => {
  const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [error]
  for (const one of errors) {
    say(`\n!!! NOT CLOSED: ${name}: ${one instanceof Error ? one.stack : String(one)}\n`)
  }
  process.exitCode = 1
}

/** A scenario that fails is a section that says so, and sets the exit code. */
export const runScenario = async (
  scenario: Scenario,
  servers: Servers,
  { quick, repeats, withPeers, events, sessions }: How,
): Promise<Section> => {
  const absent = scenario.needs.filter((kind) => servers.missing[kind] !== undefined)
  if (absent.length > 0) {
    const notRun = absent.map((kind) => `${kind}: ${servers.missing[kind]}`).join('; ')
    say(`\n!!! NOT RUN: ${scenario.name}: ${notRun}\n`)
    return { scenario, notRun }
  }
  const beganMs = systemClock.monotonicMs()
  say(`${scenario.name}: ${scenario.claim}`)
  const parts = new Lifecycle()
  const told = { clock: systemClock, say: (text: string) => say(`  ${text}`) }
  const bench: Bench = { ...told, quick, repeats, withPeers, events, sessions, servers, parts }
  try {
    const finding = await unlessProcessLost(() => scenario.measure(bench))
    return { scenario, finding, seconds: (systemClock.monotonicMs() - beganMs) / 1_000 }
  } catch (error) {
    // The other scenarios still run; the exit status says that this one did not.
    const message = error instanceof Error ? error.message : String(error)
    // In the tables one line of it; all of it is said aloud.
    const notRun = `it failed: ${message.split('\n').slice(0, 2).join(' ')}`
    say(`\n!!! FAILED: ${scenario.name}: ${error instanceof Error ? error.stack : notRun}\n`)
    process.exitCode = 1
    return { scenario, notRun }
  } finally {
    await parts.close().catch((error: unknown) => notClosed(scenario.name, error))
  }
}
