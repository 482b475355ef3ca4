import { pathToFileURL } from 'node:url'
import { timesNotRun } from './not-run.ts'
import type { FileReport, SuiteReport } from './processes/file-report.ts'
import { processorSeconds } from './processes/processor-seconds.ts'
import type { FileDone, FileOrder } from './test-process.ts'
import { watchTraces } from './traces.ts'

/**
 * Runs the test files that the parent names, one after another, and tells it what was counted.
 * uvu's queue is read here rather than by uvu's `exec`, which keeps its counts to itself (uvu
 * 0.5.6, dist/index.js).
 */
type Runner = () => Promise<
  readonly [failures: string | true, passed: number, skipped: number, total: number]
>
type UvuGlobals = { UVU_QUEUE?: (Runner | string | null)[][]; UVU_DEFER?: number }

const uvuGlobals = globalThis as typeof globalThis & UvuGlobals
const describe = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)

const runSuite = async (run: Runner): Promise<SuiteReport> => {
  try {
    const [failures, passed, skipped, total] = await run()
    return { passed, skipped, total, failures: failures === true ? '' : failures }
  } catch (error) {
    return { passed: 0, skipped: 0, total: 1, failures: describe(error) }
  }
}

/** The first group is where uvu's `run()` puts a suite. */
const takeRunners = (): Runner[] => {
  const [queue = []] = uvuGlobals.UVU_QUEUE ?? []
  return queue.splice(0).filter((entry) => typeof entry === 'function')
}

const runFile = async (file: string): Promise<FileReport> => {
  const toldBefore = timesNotRun()
  try {
    await import(pathToFileURL(file).href)
  } catch (error) {
    takeRunners()
    return { suites: [], problem: `the file does not load: ${describe(error)}`, leftOut: 0 }
  }
  const suites: SuiteReport[] = []
  for (const run of takeRunners()) suites.push(await runSuite(run))
  return { suites, problem: null, leftOut: timesNotRun() - toldBefore }
}

const [out, err] = [process.stdout, process.stderr].map((to) => to.write.bind(to))
const say = (done: FileDone, then: () => void): void => void process.send?.(done, then)

const obey = async ({ file, mark, isLast }: FileOrder): Promise<void> => {
  // A file that waits for what never comes must end the process, not be kept alive by its parent.
  process.channel?.unref()
  const leftBehind = isLast ? async () => [] : watchTraces()
  const before = processorSeconds()
  const report = await runFile(file)
  const worked = processorSeconds() - before
  const done = { report, worked, left: await leftBehind() }
  for (const write of [out, err]) write?.(mark)
  if (!isLast && done.left.length === 0) {
    process.channel?.ref()
    return say(done, () => {})
  }
  // Sockets that a test left open would keep the process: what it says is said, so it ends.
  say(done, () => process.exit(0))
}

// Set before uvu is loaded: else it starts by itself, and prints instead of telling.
uvuGlobals.UVU_DEFER = 1
await import('uvu')
uvuGlobals.UVU_QUEUE?.push([null])
// A runner that was killed must not leave its child at work.
process.once('disconnect', () => process.exit(1))
process.on('message', (order) => void obey(order as FileOrder))
