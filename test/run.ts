import { availableParallelism } from 'node:os'
import { howToGet } from './support/documents/how-to-get.ts'
import { Lane } from './support/lane.ts'
import { apartIn } from './support/light-files.ts'
import { isLeftOut, isLong, whyLeftOut } from './support/long-files.ts'
import { MemoryFolder } from './support/memory-folder.ts'
import { neededServers } from './support/needed-servers.ts'
import { dependsOnNode } from './support/node-dependent.ts'
import { filesBelow, sourcesBelow } from './support/project-files.ts'
import { findNode, majorOf, type NodeBinary, ownNode } from './support/servers/other-nodes.ts'
import type { ServerKind } from './support/servers/servers.ts'
import type { FileRun } from './support/test-process.ts'
import { type JobKind, takingTurns } from './support/turns.ts'

/**
 * `npm test -- unit http` runs the test files whose path holds one of the words. Files that need
 * nothing of their process share one (test/support/light-files.ts); each of the others has its own.
 * Files that say nothing of disks have theirs in memory (test/support/memory-folder.ts).
 * Settings: `REQUIRE=kafka,mongo` (or `CI=true`) makes a missing server a failure;
 * `--below=<folder>` looks for files elsewhere than in test/; `--limit-s=<seconds>` is the time a
 * file may take; `--at-once=<n>` is how many run side by side, without it one more than there are
 * processors, since most of them wait; `--each-apart` gives every file a process of its own;
 * `--nodes=24,22,20` also runs the files that depend on Node (test/support/node-dependent.ts) on
 * each of these that is not the one that runs; `--all` also runs what takes long
 * (test/support/long-files.ts) where there is no broker. The last line is `N passed, N failed`; the
 * exit code is 0 only without failures.
 */
const say = (line: string): void => void process.stdout.write(`${line}\n`)

type Plan = Readonly<{
  words: readonly string[]
  below: string
  limitMs: number
  atOnce: number
  /** Also what takes long, where only Node is there. */
  isAll: boolean
  isEachApart: boolean
  /** Major versions of Node beside the one that runs. */
  nodes: readonly string[]
}>
type Took = Readonly<{ name: string; seconds: number; worked: number }>
type Tally = {
  passed: number
  failed: number
  readonly notRun: string[]
  readonly took: Took[]
}
/** One test file, and what runs it. */
type Job = Readonly<{ file: string; node: () => Promise<NodeBinary> }>

/** A container may see more processors than it has. */
const atOnceOtherwise = Math.min(4, availableParallelism() + 1)

const planOf = (args: readonly string[]): Plan => {
  const setting = (name: string, otherwise: string): string =>
    args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3) ?? otherwise
  const limitMs = Number(setting('limit-s', '1200')) * 1000
  const words = args.filter((arg) => !arg.startsWith('--'))
  const atOnce = Math.max(1, Number(setting('at-once', String(atOnceOtherwise))))
  const majors = setting('nodes', '').split(',')
  const nodes = majors.filter((major) => major !== '' && major !== majorOf(ownNode.version))
  const [isAll, isEachApart] = [args.includes('--all'), args.includes('--each-apart')]
  return { words, below: setting('below', 'test'), limitMs, atOnce, nodes, isAll, isEachApart }
}

const selected = ({ words, below }: Plan): string[] =>
  filesBelow(below, (path) => path.endsWith('.test.ts'))
    .filter((path) => below !== 'test' || !path.startsWith('test/fixtures/'))
    .filter((path) => words.length === 0 || words.some((word) => path.includes(word)))

const jobsOf = ({ nodes, below }: Plan, files: readonly string[]): Job[] => {
  const dependent = below === 'test' ? files.filter(dependsOnNode) : files
  const elsewhere = nodes.flatMap((major) => {
    const found = findNode(major)
    found.catch(() => {}) // The first file that is to run there tells it.
    return dependent.map((file): Job => ({ file, node: () => found }))
  })
  return [...files.map((file): Job => ({ file, node: async () => ownNode })), ...elsewhere]
}

type Found = Readonly<{
  env: ReadonlyMap<ServerKind, readonly [name: string, value: string]>
  missing: ReadonlyMap<ServerKind, string>
}>

/**
 * Starts a broker once for all files that need one; they find it in the environment, as a user's
 * own. Each file that needs MongoDB starts a server itself: the protocol server grows slower with
 * what it has served (a file of 140 races took 368 s on an old one, 199 on a new one).
 */
const startServers = async (kinds: readonly ServerKind[]): Promise<Found> => {
  const env = new Map<ServerKind, readonly [string, string]>()
  const missing = new Map<ServerKind, string>()
  if (!kinds.includes('kafka')) return { env, missing }
  // Loaded late: it brings the drivers along, and most runs need no server.
  const { isMissing, useServers } = await import('./support/servers/servers.ts')
  const { kafka } = await useServers(['kafka'])
  if (isMissing(kafka)) missing.set('kafka', kafka.missing)
  else env.set('kafka', ['CURFEW_KAFKA_BROKERS', kafka.brokers.join(',')])
  return { env, missing }
}

const indented = (text: string): string => text.trimEnd().replace(/^/gm, '    ')

const tell = (name: string, { result, output, seconds, after, left }: FileRun): void => {
  const { passed, total, failed, problems } = result
  const verdict = failed === 0 ? 'ok  ' : 'FAIL'
  const behind = left.length > 0 ? `  left behind: ${left.join(', ')}` : ''
  say(`${verdict} ${name}  ${passed} of ${total}  ${seconds.toFixed(1)} s${behind}`)
  if (failed === 0) return
  for (const problem of problems) say(`\n${indented(problem)}\n`)
  if (after.length > 0) say(`    Before it, its process ran ${after.join(', ')}\n`)
  if (output.trim() !== '') say(`${indented(`It printed:\n${output}`)}\n`)
}

type Work = Readonly<{
  plan: Plan
  tally: Tally
  found: Found
  needs: ReadonlyMap<string, readonly ServerKind[]>
  whyApart: ReadonlyMap<string, string | null>
}>

/** Why a file is not run here, a line each. */
const whyNotRun = ({ file }: Job, { plan, found, needs }: Work): string[] => {
  const { missing } = found
  if (isLeftOut(file, { ...plan, noBroker: missing.get('kafka') })) return [whyLeftOut]
  const lacking = (needs.get(file) ?? []).filter((kind) => missing.has(kind))
  return lacking.map((kind) => `${kind}: ${missing.get(kind)}`)
}

const runOne = async (job: Job, lane: Lane, work: Work): Promise<void> => {
  const { plan, tally, found, needs, whyApart } = work
  const { file } = job
  const lacking = whyNotRun(job, work)
  tally.notRun.push(...lacking.map((why) => `NOT RUN: ${file}: ${why}`))
  if (lacking.length > 0) return
  // Only to files that ask: a test of the embedded start must not find a broker in its environment.
  const wanted = needs.get(file) ?? []
  const given = [...found.env].filter(([kind]) => wanted.includes(kind)).map(([, pair]) => pair)
  const node = await job.node()
  const name = node === ownNode ? file : `${file} on Node ${node.version}`
  const env = Object.fromEntries(given)
  const isApart = plan.isEachApart || whyApart.get(file) !== null
  const run = await lane.run({ path: file, node, env, limitMs: plan.limitMs, isApart })
  tell(name, run)
  tally.took.push({ name, seconds: run.seconds, worked: run.worked })
  tally.passed += run.result.passed
  tally.failed += run.result.failed
  tally.notRun.push(...(run.output.match(/^NOT RUN: .*$/gm) ?? []))
}

const runFiles = async (plan: Plan, files: readonly string[], tally: Tally): Promise<void> => {
  const sources = sourcesBelow('test', ...(plan.below === 'test' ? [] : [plan.below]))
  const needs = new Map(files.map((file) => [file, neededServers(file, sources)]))
  const found = await startServers([...needs.values()].flat())
  const reasonFor = apartIn(sources)
  const whyApart = new Map(files.map((file) => [file, reasonFor(file)]))
  const work: Work = { plan, tally, found, needs, whyApart }
  const kindOf = ({ file }: Job): JobKind => {
    const [server] = needs.get(file) ?? []
    if (server !== undefined) return server
    if (isLong(file)) return 'long'
    return whyApart.get(file) === null ? 'shared' : 'apart'
  }
  const take = takingTurns(jobsOf(plan, files), kindOf)
  const memory = new MemoryFolder()
  const runLane = async (): Promise<void> => {
    const lane = new Lane(memory)
    try {
      for (let turn = take(); turn !== null; turn = take()) {
        await runOne(turn.job, lane, work)
        turn.end()
      }
    } finally {
      await lane.close()
    }
  }
  try {
    await Promise.all(Array.from({ length: plan.atOnce }, runLane))
  } finally {
    memory.close()
  }
}

const slowestCount = 10

/** Of a run of many files: where its time went, and which of them kept the processors at work. */
const tellSlowest = ({ took }: Tally): void => {
  if (took.length <= slowestCount) return
  const all = `of ${took.length} files`
  const most = (title: string, of: (one: Took) => number): void => {
    say(title)
    for (const one of [...took].sort((a, b) => of(b) - of(a)).slice(0, slowestCount))
      say(`  ${of(one).toFixed(1).padStart(6)} s  ${one.name}`)
  }
  const worked = took.reduce((sum, one) => sum + one.worked, 0).toFixed(0)
  most(`the ${slowestCount} slowest ${all}:`, ({ seconds }) => seconds)
  most(
    `the ${slowestCount} with most work ${all}, ${worked} s of a processor:`,
    (one) => one.worked,
  )
}

const main = async (args: readonly string[]): Promise<number> => {
  const plan = planOf(args)
  const files = selected(plan)
  const tally: Tally = { passed: 0, failed: 0, notRun: [], took: [] }
  try {
    await runFiles(plan, files, tally)
  } catch (error) {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error))
    tally.failed += 1
  }
  tellSlowest(tally)
  for (const line of tally.notRun) say(line)
  const how = howToGet(tally.notRun)
  if (how !== null) say(how)
  if (tally.passed === 0 && tally.failed === 0) {
    say(files.length === 0 ? 'no test file has such a path' : 'no test ran')
    tally.failed = 1
  }
  say(`${tally.passed} passed, ${tally.failed} failed`)
  return tally.failed === 0 ? 0 : 1
}

process.exit(await main(process.argv.slice(2)))
