import { type ChildProcess, fork } from 'node:child_process'
import { delimiter, dirname, join } from 'node:path'
import { systemClock } from '../../shared/kernel/clock.ts'
import { systemEntropy } from '../../shared/kernel/entropy.ts'
import { brokenFile, type FileReport, type FileResult, judge } from './processes/file-report.ts'
import { typescriptArgs } from './processes/typescript-args.ts'
import { projectRoot } from './project-files.ts'
import { type NodeBinary, ownNode } from './servers/other-nodes.ts'

/**
 * What the process is told: one test file, what to print after it, and whether it then ends.
 */
export type FileOrder = Readonly<{ file: string; mark: string; isLast: boolean }>
/** What it answers. With anything `left` behind it ends, too. */
export type FileDone = Readonly<{
  report: FileReport
  left: readonly string[]
  /** Seconds of a processor that it and what it started took. */
  worked: number
}>

export type ProcessOptions = Readonly<{
  env: Readonly<Record<string, string>>
  node: NodeBinary
}>
export type FileOptions = Readonly<{ limitMs: number; isLast: boolean }>
export type FileRun = Readonly<{
  result: FileResult
  output: string
  seconds: number
  /** Seconds of a processor, 0 where the process could not tell. */
  worked: number
  /** Files that ran in the same process before. */
  after: readonly string[]
  /** What the file left behind, so that no other follows in its process. */
  left: readonly string[]
}>

const outputMax = 200_000
/** What a process that has no more to do may take to end. */
const patienceMs = 5_000

/** Tests make much that is soon garbage: collected less often, it takes 7 % less of a processor. */
const ofGarbage = ['--max-semi-space-size=64']

const isDone = (message: unknown): message is FileDone =>
  typeof message === 'object' && message !== null && 'report' in message

/** `node` and `npm` are this one for all that the test starts. */
const pathOf = ({ path }: NodeBinary): string =>
  [dirname(path), process.env['PATH'] ?? ''].join(delimiter)

/** One file at work: what it prints, and whether it is over. */
class FileAtWork {
  readonly mark = `\n${systemEntropy.bytes(12).toString('base64url')}\n`
  readonly over: Promise<void>
  done: FileDone | null = null
  /** Why the process ended, `null` while it goes on. */
  end: string | null = null
  #printed = ''
  readonly #isLast: boolean
  readonly #tails = new Map<string, string>()
  readonly #silent = new Set<string>()
  #finish: () => void = () => {}

  constructor(isLast: boolean) {
    this.#isLast = isLast
    this.over = new Promise((resolve) => {
      this.#finish = resolve
    })
  }

  print(stream: string, data: string): void {
    this.#printed = (this.#printed + data).slice(-outputMax)
    // A mark may come in two pieces.
    const seen = (this.#tails.get(stream) ?? '') + data
    if (seen.includes(this.mark)) this.#silent.add(stream)
    this.#tails.set(stream, seen.slice(1 - this.mark.length))
    this.#look()
  }

  tell(done: FileDone): void {
    this.done = done
    this.#look()
  }

  close(why: string): void {
    this.end ??= why
    this.#finish()
  }

  get output(): string {
    return this.#printed.replaceAll(this.mark, '')
  }

  /** A process that goes on has told all of a file once both its streams have. */
  #look(): void {
    const goesOn = !this.#isLast && this.done?.left.length === 0
    if (goesOn && this.#silent.size === 2) this.#finish()
  }
}

/**
 * A process that runs test files one after another. A crash, an early exit and the limit are
 * failures of the file that ran: only a report counts, never the exit code.
 */
export class TestProcess {
  readonly #child: ChildProcess
  readonly #ran: string[] = []
  #file = new FileAtWork(false)

  constructor({ env, node }: ProcessOptions) {
    this.#child = fork(join(projectRoot, 'test', 'support', 'child.ts'), [], {
      cwd: projectRoot,
      env: { ...process.env, ...(node === ownNode ? {} : { PATH: pathOf(node) }), ...env },
      execPath: node.path,
      execArgv: [...ofGarbage, ...typescriptArgs],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    for (const name of ['stdout', 'stderr'] as const) {
      const stream = this.#child[name]
      stream?.setEncoding('utf8')
      stream?.on('data', (data: string) => this.#file.print(name, data))
    }
    this.#child.on('message', (message) => {
      if (isDone(message)) this.#file.tell(message)
    })
    this.#child.on('error', (error) => this.#file.print('error', `${error.stack}\n`))
    this.#child.on('close', (code, signal) => this.#file.close(signal ?? `exit code ${code}`))
  }

  /** Files that it ran. */
  get ran(): readonly string[] {
    return this.#ran
  }

  /** Whether another file may follow: it goes on, and the last one left nothing behind. */
  get isOpen(): boolean {
    return this.#file.end === null
  }

  async run(path: string, { limitMs, isLast }: FileOptions): Promise<FileRun> {
    const startedAt = systemClock.monotonicMs()
    const file = this.#file.end === null ? new FileAtWork(isLast) : this.#file
    this.#file = file
    const after = [...this.#ran]
    this.#ran.push(path)
    const { mark } = file
    const order: FileOrder = { file: join(projectRoot, path), mark, isLast }
    this.#child.send(order, () => {}) // Who is gone has closed.
    const limit = new AbortController()
    let isLate = false
    void systemClock.sleep(limitMs, limit.signal).then(() => {
      if (limit.signal.aborted) return
      isLate = true
      this.#child.kill('SIGKILL')
    })
    await file.over
    limit.abort()
    const seconds = (systemClock.monotonicMs() - startedAt) / 1000
    const why = isLate
      ? `the file took longer than ${limitMs / 1000} s`
      : `the process ended before its report (${file.end})`
    const { done, output } = file
    const result = done && !isLate ? judge(done.report) : brokenFile(why)
    const { left = [], worked = 0 } = done ?? {}
    return { result, output, seconds, worked, after, left }
  }

  /** Ends it, between two files: it goes by itself, so that Node keeps what it compiled. */
  async close(): Promise<void> {
    const gone = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()))
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.disconnect()
    const isGone = await Promise.race([gone.then(() => true), systemClock.sleep(patienceMs)])
    if (isGone !== true) this.#child.kill('SIGKILL')
  }
}
