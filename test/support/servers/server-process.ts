import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, openSync, readFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../shared/kernel/clock.ts'

export type Missing = Readonly<{ missing: string }>

/** What a test may do to a server that it started itself. Servers of the user have none of it. */
export type ServerControl = Readonly<{
  /** SIGTERM, then SIGKILL after 10 s. */
  stop(): Promise<void>
  kill9(): Promise<void>
  /** SIGSTOP: sockets stay open, nothing answers. */
  freeze(): void
  thaw(): void
  /**
   * Starts it again on the same port and data; resolves once it answers. Ends it first if it
   * runs.
   */
  restart(): Promise<void>
}>

type ServerPlan = Readonly<{
  command: string
  args: readonly string[]
  dir: string
  /** Where it runs and its environment; those of this process without them. */
  cwd?: string
  env?: NodeJS.ProcessEnv
  /** Rejects while the server does not answer yet. */
  ready: () => Promise<void>
}>

export const cacheFolder = (...path: string[]): string =>
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'curfew', ...path)

export const newDataFolder = (kind: string): string =>
  mkdtempSync(join(tmpdir(), `curfew-${kind}-`))

/** Runs a command to its end; rejects with its standard error. */
export const run = (command: string, args: readonly string[], timeoutMs: number): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(command, args, { timeout: timeoutMs }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${command}: ${error.message}\n${stderr.slice(-500)}`))
      else resolve(stdout)
    })
  })

export const onPath = (command: string): Promise<boolean> =>
  run('sh', ['-c', `command -v ${command}`], 5_000).then(
    () => true,
    () => false,
  )

export { freePort } from './free-port.ts'

export const until = async (
  what: string,
  deadlineMs: number,
  attempt: () => Promise<void>,
): Promise<void> => {
  const startedAt = systemClock.monotonicMs()
  for (;;) {
    const failure = await attempt().then(
      () => null,
      (error: unknown) => error,
    )
    if (failure === null) return
    if (systemClock.monotonicMs() - startedAt > deadlineMs) {
      throw new Error(`${what} did not answer in ${deadlineMs} ms`, { cause: failure })
    }
    await systemClock.sleep(50)
  }
}

// The keeper outlives us by design: its standard input ends however this process ends (exit, crash,
// SIGKILL), and then it ends the server and removes its data. Exit handlers would miss SIGKILL and
// unhandled signals.
const keeperScript =
  'while read -r line; do pid=$line; done; [ -n "$pid" ] && kill -9 "$pid"; rm -rf "$1"'

const startKeeper = (dir: string): ((pid: number | null) => void) => {
  const keeper = spawn('sh', ['-c', keeperScript, 'sh', dir], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  keeper.unref()
  const stdin = keeper.stdin as typeof keeper.stdin & { unref(): void }
  stdin.unref()
  stdin.on('error', () => {})
  return (pid) => stdin.write(`${pid ?? ''}\n`)
}

const printedMax = 2_000

/** The end of what a server printed; its folder may be gone. */
const printedIn = (path: string): string => {
  try {
    return readFileSync(path, 'utf8').slice(-printedMax)
  } catch {
    return ''
  }
}

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.ref()
    child.once('exit', () => resolve())
  })

/**
 * Starts a server and waits until it answers. It never keeps this process alive, and never
 * outlives it.
 */
export const startServer = async ({
  command,
  args,
  dir,
  ready,
  ...place
}: ServerPlan): Promise<ServerControl> => {
  const keep = startKeeper(dir)
  const output = openSync(join(dir, 'output.log'), 'a')
  let child: ChildProcess | null = null

  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    const ending = child
    if (!ending) return
    child = null
    ending.kill(signal)
    const patience = new AbortController()
    const gone = ended(ending).then(() => patience.abort())
    await systemClock.sleep(10_000, patience.signal)
    if (!patience.signal.aborted) ending.kill('SIGKILL')
    await gone
    keep(null)
  }
  const start = async (): Promise<void> => {
    const stdio = ['ignore' as const, output, output]
    const started = spawn(command, args, { ...place, stdio, detached: true })
    started.once('error', () => {})
    started.unref()
    child = started
    keep(started.pid ?? null)
    const over = new Promise<never>((_, reject) => {
      started.once('exit', (code, signal) => {
        const printed = printedIn(join(dir, 'output.log'))
        reject(new Error(`${command} ended with ${signal ?? code}:\n${printed}`))
      })
    })
    over.catch(() => {}) // Later it may end as it likes.
    const isReady = until(`${command} (see ${join(dir, 'output.log')})`, 60_000, ready)
    await Promise.race([isReady, over])
  }
  await start()
  return {
    stop: () => end('SIGTERM'),
    kill9: () => end('SIGKILL'),
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    restart: async () => {
      await end('SIGKILL')
      await start()
    },
  }
}
