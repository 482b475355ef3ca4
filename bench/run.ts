import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { run } from '../test/support/servers/server-process.ts'
import { checkAgainst } from './check.ts'
import { compareWith } from './compare.ts'
import { type Options, readOptions } from './options.ts'
import { picturesOf } from './pictures/pictures.ts'
import { machineFacts, reportJson, reportText, sectionText, summaryText } from './report.ts'
import { type Results, readResults } from './results.ts'
import { runScenario, serversFor } from './run-scenarios.ts'
import { say } from './say.ts'
import type { Scenario } from './scenario.ts'
import { loadScenario, scenarioNames } from './scenarios.ts'
import type { Report, Section } from './section.ts'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const latest = at('./results/latest.json')

/** After each scenario: a whole run takes long, and whoever stops it keeps what was measured. */
const keep = async (report: Report, { json }: Options): Promise<void> => {
  await mkdir(at('./results'), { recursive: true })
  await writeFile(json ?? at('./results/partial.json'), reportJson(report))
}

const write = async (report: Report, isWhole: boolean): Promise<void> => {
  // A part of a run, or a short one, must not stand where people look for figures.
  if (!isWhole) {
    return say('bench/results/partial.json has it; only a whole run writes docs/figures.md')
  }
  await writeFile(latest, reportJson(report))
  // It lies in the repository, so the formatter has its say. A missing one harms nothing.
  const biome = ['format', '--write', latest]
  await run(at('../node_modules/.bin/biome'), biome, 30_000).catch(() => {})
  await mkdir(at('../docs'), { recursive: true })
  await writeFile(at('../docs/figures.md'), reportText(report))
  await draw()
  say('wrote bench/results/latest.json, docs/figures.md and the pictures of README')
}

const committed = async (): Promise<Results> => readResults(await readFile(latest, 'utf8'))

/** Pictures show what is committed, and nothing newer. */
const draw = async (): Promise<void> => {
  for (const [path, text] of picturesOf(await committed())) await writeFile(at(`../${path}`), text)
}

/** `^name$` is one scenario, and other words are parts of names. */
const choose = ({ words }: Options): readonly string[] =>
  scenarioNames.filter((name) => words.every((word) => `^${name}$`.includes(word)))

const measureAll = async (
  chosen: readonly Scenario[],
  options: Options,
  command: string,
): Promise<void> => {
  const machine = machineFacts(command, tmpdir())
  const servers = await serversFor(chosen)
  const sections: Section[] = []
  const report: Report = { machine, sections, quick: options.quick }
  for (const scenario of chosen) {
    sections.push(await runScenario(scenario, servers, options))
    await keep(report, options)
  }
  // Whoever chose a scenario wants to see it whole; of all of them docs/figures.md is kept.
  const details = options.words.length > 0 ? sections.map(sectionText) : []
  process.stdout.write(`\n${[...details, summaryText(report)].join('\n\n')}`)
  const isWhole = chosen.length === scenarioNames.length && options.withPeers && !options.quick
  if (options.json === null) await write(report, isWhole)
}

const main = async (args: readonly string[]): Promise<void> => {
  const options = readOptions(args)
  if (options.help) {
    const wanted = 'docs/CONTRIBUTING.md has the options; words choose among these scenarios:'
    process.stdout.write(`${[wanted, ...scenarioNames].join('\n  ')}\n`)
    return
  }
  const names = choose(options)
  if (names.length === 0) {
    const wanted = options.words.join(' and ')
    throw new Error(`no scenario has ${wanted} in its name: ${scenarioNames.join(', ')}`)
  }
  const chosen = await Promise.all(names.map(loadScenario))
  if (options.compare !== null) {
    return compareWith(options.compare, chosen, await serversFor(chosen), options)
  }
  if (options.draw) return draw()
  if (options.check) {
    const { scenarios: known } = await committed()
    const holds = await checkAgainst(known, chosen, await serversFor(chosen), options)
    if (!holds) process.exitCode = 1
    return
  }
  await measureAll(
    chosen,
    options,
    ['npm run bench', ...(args[0] ? ['--', ...args] : [])].join(' '),
  )
}

// So that exit handlers run, which end what was started.
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(130))

await main(process.argv.slice(2)).catch((error: Error) => {
  say(error.message)
  process.exitCode = 1
})
process.exit(process.exitCode ?? 0)
