import { fork } from 'node:child_process'
import { delimiter, dirname, join } from 'node:path'
import { systemClock } from '../../shared/kernel/clock.ts'
import { brokenFile, type FileReport, type FileResult, judge } from './file-report.ts'
import { projectRoot } from './import-graph.ts'
import { type NodeBinary, ownNode } from './other-nodes.ts'
import { typescriptArgs } from './typescript-args.ts'

export type RunOptions = Readonly<{
  env: Readonly<Record<string, string>>
  limitMs: number
  node: NodeBinary
}>
export type FileRun = Readonly<{ result: FileResult; output: string; seconds: number }>

const outputMax = 200_000

const isReport = (message: unknown): message is FileReport =>
  typeof message === 'object' && message !== null && 'suites' in message

/** `node` and `npm` are this one for all that the test starts. */
const pathOf = ({ path }: NodeBinary): string =>
  [dirname(path), process.env['PATH'] ?? ''].join(delimiter)

/**
 * Runs one test file in a process of its own. A crash, an early exit and the limit are failures:
 * only a report counts, never the exit code. `output` is what the file printed, at most the last
 * 200 kB.
 */
export const runChild = (file: string, { env, limitMs, node }: RunOptions): Promise<FileRun> =>
  new Promise((resolve) => {
    const startedAt = systemClock.monotonicMs()
    const child = fork(
      join(projectRoot, 'test', 'support', 'child.ts'),
      [join(projectRoot, file)],
      {
        cwd: projectRoot,
        env: { ...process.env, ...(node === ownNode ? {} : { PATH: pathOf(node) }), ...env },
        execPath: node.path,
        execArgv: [...typescriptArgs],
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      },
    )
    let report: FileReport | null = null
    let output = ''
    let isLate = false
    const keep = (data: Buffer): void => {
      output = (output + data.toString('utf8')).slice(-outputMax)
    }
    child.stdout?.on('data', keep)
    child.stderr?.on('data', keep)
    child.on('message', (message) => {
      if (isReport(message)) report = message
    })
    const limit = new AbortController()
    void systemClock.sleep(limitMs, limit.signal).then(() => {
      if (limit.signal.aborted) return
      isLate = true
      child.kill('SIGKILL')
    })
    child.on('error', keepError)
    child.on('close', (code, signal) => {
      limit.abort()
      const seconds = (systemClock.monotonicMs() - startedAt) / 1000
      const why = isLate
        ? `the file took longer than ${limitMs / 1000} s`
        : `the process ended before its report (${signal ?? `exit code ${code}`})`
      resolve({ result: report && !isLate ? judge(report) : brokenFile(why), output, seconds })
    })
    function keepError(error: Error): void {
      output += `${error.stack}\n`
    }
  })
