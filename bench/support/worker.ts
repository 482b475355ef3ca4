import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Closable } from '../../shared/kernel/lifecycle.ts'

/** A process of one's own for load or a baseline: it answers one request at a time. */
export type Worker<Request, Reply> = Closable & {
  readonly pid: number
  ask(request: Request): Promise<Reply>
}

type Told = Readonly<{ reply?: unknown; error?: string }>

const answerOf = (child: ChildProcess, name: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`${name} ended with ${code}`))
    child.once('exit', ended)
    child.once('message', (told: Told) => {
      child.off('exit', ended)
      if (told.error === undefined) resolve(told.reply)
      else reject(new Error(`${name}: ${told.error}`))
    })
  })

/** Starts `file` (a path from this folder), which calls `serve`. */
export const openWorker = <Request extends object, Reply>(file: string): Worker<Request, Reply> => {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const child = fork(path, {
    execArgv: ['--import', new URL('../../.ci/typescript.mjs', import.meta.url).href],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    pid: child.pid ?? 0,
    ask: async (request) => {
      const answer = answerOf(child, file)
      child.send(request)
      return (await answer) as Reply
    },
    close: async () => {
      child.disconnect()
      await exited
    },
  }
}
