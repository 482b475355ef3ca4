import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Closable } from '../../../shared/kernel/lifecycle.ts'
import { type Shell, shellEnv } from '../requests/page-shell.ts'
import { until } from '../until.ts'

export type Running = Closable &
  Readonly<{
    output: () => string
    /** SIGTERM to all of it; the code of the shell, which after `exec` is its command's. */
    stop: () => Promise<number | null>
  }>

const signalGroup = ({ pid }: ChildProcess, signal: NodeJS.Signals): void => {
  try {
    if (pid !== undefined) process.kill(-pid, signal)
  } catch {
    // All of it has ended.
  }
}

/** Its standard input ends however this process ends; then all that was typed ends too. */
const keep = (child: ChildProcess): void => {
  const line = 'cat >/dev/null; kill -9 -- "-$1"'
  const keeper = spawn('sh', ['-c', line, 'sh', String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  keeper.unref()
  child.once('close', () => keeper.kill('SIGKILL'))
}

/** Types what does not end by itself, and waits until it answers. */
export const startTyped = async (
  shell: Shell,
  text: string,
  isReady: () => Promise<boolean>,
): Promise<Running> => {
  const child = spawn('sh', ['-ec', text], {
    cwd: shell.dir,
    env: shellEnv(shell),
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, as a terminal gives it.
    detached: true,
  })
  keep(child)
  const closed = once(child, 'close')
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (more: string) => {
      output += more
    })
  }
  const stop = async (): Promise<number | null> => {
    signalGroup(child, 'SIGTERM')
    await closed
    return child.exitCode
  }
  try {
    const isUp = async (): Promise<boolean> => {
      if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}:\n${output}`)
      return isReady()
    }
    await until(`this answers: ${text}`, isUp, 90_000)
  } catch (error) {
    signalGroup(child, 'SIGKILL')
    await closed
    throw error
  }
  return { output: () => output, stop, close: async () => void (await stop()) }
}
