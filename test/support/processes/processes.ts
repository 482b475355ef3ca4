import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { systemClock } from '../../../shared/kernel/clock.ts'
import { withTimeout } from '../../../shared/kernel/retry.ts'
import { projectRoot } from '../project-files.ts'
import { typescriptArgs } from './typescript-args.ts'

export type Settings = Readonly<Record<string, string>>
export type Ended = Readonly<{ code: number | null; signal: NodeJS.Signals | null }>

/** A real process of ours. It never outlives this one, however this one ends. */
export type Process = Readonly<{
  name: string
  pid: number
  /** All that it wrote to standard output and standard error so far. */
  output: () => string
  isRunning: () => boolean
  signal: (name: NodeJS.Signals) => void
  /** Resolves once it is gone and all that it wrote is in `output`. */
  ended: Promise<Ended>
  /** SIGKILL. */
  kill9: () => Promise<void>
  /** SIGTERM, and how it ended. @throws Error when it is still there after 20 s. */
  stop: () => Promise<Ended>
}>

type Spawning = Readonly<{
  name: string
  /** Arguments of `node`. */
  args: readonly string[]
  env: Settings
  input?: string
  /** A command that becomes `node`, such as `setpriv`; it gets the whole line. */
  through?: readonly string[]
}>

const stopPatienceMs = 20_000

// Settings of the person who runs the tests must not reach the processes under test.
const cleanEnv = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CURFEW_')))

/**
 * Its standard input ends with this process, also by SIGKILL, where no exit handler runs; then it
 * kills. It is ended itself as soon as the child is, before the system can give the pid away again.
 */
const startKeeper = (child: ChildProcess): void => {
  const keeper = spawn('sh', ['-c', 'cat >/dev/null; kill -9 "$1"', 'sh', String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  keeper.on('error', () => {})
  keeper.stdin.on('error', () => {})
  keeper.unref()
  child.once('exit', () => keeper.kill('SIGKILL'))
}

/** Starts `node` with these arguments, in the project's folder. */
export const startProcess = ({ name, args, env, input = '', through = [] }: Spawning): Process => {
  const [command = '', ...rest] = [...through, process.execPath, ...args]
  const child = spawn(command, rest, {
    cwd: projectRoot,
    env: { ...cleanEnv(), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  if (child.pid !== undefined) startKeeper(child)
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  let output = ''
  let isRunning = child.pid !== undefined
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  child.once('exit', () => {
    isRunning = false
  })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  ended.catch(() => {}) // Whoever waits for the end hears of it.
  return {
    name,
    pid: child.pid ?? 0,
    output: () => output,
    isRunning: () => isRunning,
    signal: (signal) => void child.kill(signal),
    ended,
    kill9: async () => {
      child.kill('SIGKILL')
      await ended
    },
    stop: () => {
      child.kill('SIGTERM')
      const late = (): Error => new Error(`${name} did not stop in ${stopPatienceMs} ms`)
      return withTimeout(systemClock, stopPatienceMs, ended, late)
    },
  }
}

/** `curfew` as a user calls it. */
export const curfew = (...args: readonly string[]): readonly string[] => [
  join('services', 'cli', 'curfew.mjs'),
  ...args,
]

/** A composition root of the tests, by its path in the project. */
export const testRoot = (path: string): readonly string[] => [...typescriptArgs, path]

/** Whether what listens there says that it is ready. */
export const isAnswered = (url: string): Promise<boolean> =>
  fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) }).then(
    async (answer) => {
      await answer.arrayBuffer()
      return answer.ok
    },
    () => false,
  )

/**
 * Resolves once every address says that it is ready. @throws Error with the output when it ends
 * first.
 */
export const awaitReady = async (
  started: Process,
  urls: readonly string[],
  limitMs = 90_000,
): Promise<void> => {
  const startedAt = systemClock.monotonicMs()
  const isReady = async (): Promise<boolean> =>
    (await Promise.all(urls.map(isAnswered))).every((ready) => ready)
  while (!(await isReady())) {
    const { name, isRunning, output } = started
    if (!isRunning()) throw new Error(`${name} ended before it was ready:\n${output()}`)
    if (systemClock.monotonicMs() - startedAt > limitMs)
      throw new Error(`${name} is not ready after ${limitMs} ms:\n${output()}`)
    await systemClock.sleep(25)
  }
}
