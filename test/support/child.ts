import { pathToFileURL } from 'node:url'
import type { FileReport, SuiteReport } from './file-report.ts'
import { timesNotRun } from './not-run.ts'

/**
 * Runs one test file in a process of its own, and tells the parent what was counted: `node child.ts
 * <file>`. uvu's queue is read here rather than by uvu's `exec`, which keeps its counts to itself
 * (uvu 0.5.6, dist/index.js).
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

const runFile = async (file: string): Promise<FileReport> => {
  // Set before uvu is loaded: else it starts by itself, and prints instead of telling.
  uvuGlobals.UVU_DEFER = 1
  await import('uvu')
  uvuGlobals.UVU_QUEUE?.push([null])
  try {
    await import(pathToFileURL(file).href)
  } catch (error) {
    return { suites: [], problem: `the file does not load: ${describe(error)}`, leftOut: 0 }
  }
  const runners = (uvuGlobals.UVU_QUEUE ?? []).flat().filter((entry) => typeof entry === 'function')
  const suites: SuiteReport[] = []
  for (const run of runners) suites.push(await runSuite(run))
  return { suites, problem: null, leftOut: timesNotRun() }
}

// A runner that was killed must not leave its child at work; listening for that keeps no process
// alive.
process.once('disconnect', () => process.exit(1))
process.channel?.unref()

const report = await runFile(process.argv[2] ?? '')
// Sockets that a test left open would keep the process: what it says is said, so it ends.
process.send?.(report, () => process.exit(0))
