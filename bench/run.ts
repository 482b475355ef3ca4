import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../shared/kernel/clock.ts'
import { Lifecycle } from '../shared/kernel/lifecycle.ts'
import { run } from '../test/support/servers/server-process.ts'
import { isMissing, type ServerKind, useServers } from '../test/support/servers/servers.ts'
import { refusalPicture } from './picture.ts'
import { machineFacts, reportJson, reportText, sectionText, summaryText } from './report.ts'
import type { Bench, BenchServers, Scenario } from './scenario.ts'
import { footprintEmbedded } from './scenarios/footprint-embedded.ts'
import { guardAfterADay } from './scenarios/guard-after-a-day.ts'
import { guardCheck } from './scenarios/guard-check.ts'
import { guardReady } from './scenarios/guard-ready.ts'
import { guardSet } from './scenarios/guard-set.ts'
import { logoutAtScale } from './scenarios/logout-at-scale.ts'
import { logoutEmbedded } from './scenarios/logout-embedded.ts'
import { logoutStreams } from './scenarios/logout-streams.ts'
import { outageCatchUp } from './scenarios/outage-catch-up.ts'
import { refreshEmbedded } from './scenarios/refresh-embedded.ts'
import { refusalAlternatives } from './scenarios/refusal-alternatives.ts'
import { refusalFeeds } from './scenarios/refusal-feeds.ts'
import type { Report, Section } from './section.ts'

const scenarios: readonly Scenario[] = [
  refreshEmbedded,
  logoutEmbedded,
  logoutStreams,
  logoutAtScale,
  refusalFeeds,
  refusalAlternatives,
  footprintEmbedded,
  guardCheck,
  guardSet,
  guardReady,
  guardAfterADay,
  outageCatchUp,
]
const repeats = 3

const startedMs = systemClock.monotonicMs()

const say = (text: string): void => {
  const seconds = Math.round((systemClock.monotonicMs() - startedMs) / 1_000)
  process.stderr.write(`${String(seconds).padStart(4)} s  ${text}\n`)
}

type Servers = BenchServers & Readonly<{ missing: Partial<Record<ServerKind, string>> }>

const serversFor = async (chosen: readonly Scenario[]): Promise<Servers> => {
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

const runOne = async (scenario: Scenario, servers: Servers, quick: boolean): Promise<Section> => {
  const absent = scenario.needs.filter((kind) => servers.missing[kind] !== undefined)
  if (absent.length > 0) {
    const notRun = absent.map((kind) => `${kind}: ${servers.missing[kind]}`).join('; ')
    say(`\n!!! NOT RUN: ${scenario.name}: ${notRun}\n`)
    return { scenario, notRun }
  }
  const beganMs = systemClock.monotonicMs()
  say(`${scenario.name}: ${scenario.claim}`)
  const parts = new Lifecycle()
  const bench: Bench = {
    clock: systemClock,
    quick,
    repeats,
    withPeers: true,
    servers,
    parts,
    say: (text) => say(`  ${text}`),
  }
  try {
    const finding = await scenario.measure(bench)
    return { scenario, finding, seconds: (systemClock.monotonicMs() - beganMs) / 1_000 }
  } catch (error) {
    // The other scenarios still run; the exit status says that this one did not.
    const notRun = `it failed: ${error instanceof Error ? error.message : String(error)}`
    say(`\n!!! FAILED: ${scenario.name}: ${error instanceof Error ? error.stack : notRun}\n`)
    process.exitCode = 1
    return { scenario, notRun }
  } finally {
    await parts.close()
  }
}

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** After each scenario: a whole run takes long, and whoever stops it keeps what was measured. */
const keep = async (report: Report): Promise<void> => {
  await mkdir(at('./results'), { recursive: true })
  await writeFile(at('./results/partial.json'), reportJson(report))
}

const write = async (report: Report, isWhole: boolean): Promise<void> => {
  // All that the picture shows is of one scenario, so a run of that alone may draw it.
  const picture = report.quick ? null : refusalPicture(report)
  if (picture) await writeFile(at('../docs/refusal-latency.svg'), picture)
  // A part of a run, or a short one, must not stand where people look for figures.
  if (!isWhole) {
    return say('bench/results/partial.json has it; only a whole run writes docs/figures.md')
  }
  await writeFile(at('./results/latest.json'), reportJson(report))
  // It lies in the repository, so the formatter has its say. A missing one harms nothing.
  const biome = ['format', '--write', at('./results/latest.json')]
  await run(at('../node_modules/.bin/biome'), biome, 30_000).catch(() => {})
  await mkdir(at('../docs'), { recursive: true })
  await writeFile(at('../docs/figures.md'), reportText(report))
  say('wrote bench/results/latest.json and docs/figures.md')
}

// So that exit handlers run, which end what was started.
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(130))

const given = process.argv.slice(2)
const quick = given.includes('--quick')
const words = given.filter((word) => !word.startsWith('--'))
const chosen = scenarios.filter(({ name }) => words.every((word) => name.includes(word)))
if (chosen.length === 0) {
  const names = scenarios.map(({ name }) => name).join(', ')
  say(`no scenario has ${words.join(' and ')} in its name: ${names}`)
  process.exit(1)
}
const command = ['npm run bench', ...(given.length > 0 ? ['--', ...given] : [])].join(' ')
const machine = machineFacts(command, tmpdir())
const servers = await serversFor(chosen)
const sections: Section[] = []
const report: Report = { machine, sections, quick }
for (const scenario of chosen) {
  sections.push(await runOne(scenario, servers, quick))
  await keep(report)
}
// Whoever chose a scenario wants to see it whole; of all of them docs/figures.md is kept.
const details = words.length > 0 ? sections.map(sectionText) : []
process.stdout.write(`\n${[...details, summaryText(report)].join('\n\n')}`)
await write(report, !quick && chosen.length === scenarios.length)
process.exit(process.exitCode ?? 0)
