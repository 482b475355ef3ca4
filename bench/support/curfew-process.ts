import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Clock, systemClock } from '../../shared/kernel/clock.ts'
import type { Closable } from '../../shared/kernel/lifecycle.ts'
import { processLost } from './lost-process.ts'
import { sharedNowMs } from './shared-clock.ts'

export type Command = 'start' | 'gateway' | 'projector' | 'orders'

/** A real `curfew` process, as a user starts it. */
export type CurfewProcess = Closable & {
  readonly pid: number
  /** When it was started, on the machine's clock. */
  readonly startedMs: number
  /** Resolves with the instant at which `url` answered 200. */
  readyAt(url: string): Promise<number>
}

const executable = fileURLToPath(new URL('../../services/cli/curfew.mjs', import.meta.url))
const readyPollMs = 5
const readyPatienceMs = 60_000
const outputKept = 4_000

const isReady = (url: string): Promise<boolean> =>
  fetch(`${url}/readyz`).then(
    async ({ status, body }) => {
      await body?.cancel()
      return status === 200
    },
    () => false,
  )

/**
 * The bench's own environment without its CURFEW_ settings: those of the plan alone are in force.
 */
const environment = (settings: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('CURFEW_')),
  ),
  ...settings,
})

const endOf = async (child: ChildProcess, exited: Promise<void>, clock: Clock): Promise<void> => {
  child.kill('SIGTERM')
  const patience = new AbortController()
  void exited.then(() => patience.abort())
  await clock.sleep(10_000, patience.signal)
  if (!patience.signal.aborted) child.kill('SIGKILL')
  await exited
}

export const startCurfew = (
  command: Command,
  settings: Readonly<Record<string, string>>,
): CurfewProcess => {
  const startedMs = sharedNowMs()
  const child = spawn(process.execPath, [executable, command], {
    env: environment({ CURFEW_LOG_LEVEL: 'warn', ...settings }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const keep = (text: Buffer): void => {
    output = (output + text.toString('utf8')).slice(-outputKept)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  // A bench that is stopped half way must leave no server behind.
  const kill = (): boolean => child.kill('SIGKILL')
  process.once('exit', kill)
  let ended = false
  let isAsked = false
  const exited = new Promise<void>((resolve) => {
    // Unlike 'exit', it comes after the last of its output.
    child.once('close', (code, signal) => {
      ended = true
      process.off('exit', kill)
      if (!isAsked) processLost(`curfew ${command} ended with ${signal ?? code}:\n${output}`)
      resolve()
    })
  })
  return {
    pid: child.pid ?? 0,
    startedMs,
    readyAt: async (url) => {
      while (!(await isReady(url))) {
        const late = sharedNowMs() - startedMs > readyPatienceMs
        if (ended || late) throw new Error(`curfew ${command} is not ready:\n${output}`)
        await systemClock.sleep(readyPollMs)
      }
      return sharedNowMs()
    },
    close: () => {
      isAsked = true
      return endOf(child, exited, systemClock)
    },
  }
}

/** CPU that a process has used so far, in ms (Linux: `/proc/<pid>/stat`, 10 ms grain). */
export const cpuMsOf = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** Pids of the processes that a process started, on Linux. */
const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)

/** The same of a process and all that it started. */
export const cpuMsOfAll = (pid: number): number =>
  childrenOf(pid).reduce((sum, child) => sum + cpuMsOfAll(child), cpuMsOf(pid))

export type Memory = Readonly<{ totalMib: number; ownMib: number; fileMib: number }>

/**
 * Resident memory of a process. `fileMib` is mapped files (programs, LMDB), which the kernel takes
 * back at need.
 */
export const memoryOf = (pid: number): Memory => {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8')
  const mib = (name: string): number =>
    Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(text)?.[1]) / 1024
  return { totalMib: mib('VmRSS'), ownMib: mib('RssAnon'), fileMib: mib('RssFile') }
}
