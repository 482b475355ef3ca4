import { Worker } from 'node:worker_threads'
import type { ChangeSignal } from '../../../kernel/concurrency/change-signal.ts'
import type { LogFields, Logger } from '../../../kernel/logger.ts'
import { threadEntry } from '../../../kernel/process/thread-entry.ts'
import { ExitGate } from './exit-gate.ts'
import { QueuedWriter } from './queued-writer.ts'
import { SharedCount } from './shared-count.ts'
import type { Writer } from './writer.ts'
import { receivedError, type WriterPlan, type WriterSays } from './writer-messages.ts'

type Options = Readonly<{
  path: string
  groupShares?: boolean
  logger: Logger
  /** Where the thread takes what other processes ask for; `null`: from nobody. */
  socket?: string | null
  /** Woken when the thread published what another process asked for. */
  publications?: ChangeSignal
}>

const entry = new URL('../writer-thread/run-writer-thread.ts', import.meta.url)

/** Its garbage is small and young: with more it takes 4 MB, and no less processor time a commit. */
const resourceLimits = { maxYoungGenerationSizeMb: 6 }

/** The thread stands outside of a transaction when the process ends. */
const stepsOutsideAtExit = (worker: Worker, shared: SharedArrayBuffer): void => {
  const gate = new ExitGate(shared)
  const stepOutside = (): void => {
    // A disk that does not answer must not keep a process that is told to end.
    if (!gate.shutNow()) process.kill(process.pid, 'SIGKILL')
  }
  process.once('exit', stepOutside)
  worker.once('exit', () => process.off('exit', stepOutside))
}

const opened = (worker: Worker): Promise<void> =>
  new Promise((resolve, reject) => {
    worker.once('message', (said: WriterSays) => {
      if (said.kind === 'refused') reject(receivedError(said.error))
      else resolve()
    })
    worker.once('error', reject)
  })

/**
 * Has a thread of its own write.
 * @throws what opening the environment throws, in the thread.
 */
export const spawnWriter = async (options: Options): Promise<Writer> => {
  const { path, groupShares = false, logger, socket = null, publications } = options
  const gate = ExitGate.shared()
  const done = SharedCount.shared()
  const workerData: WriterPlan = { path, groupShares, gate, done, socket }
  const settings = { workerData, execArgv: [], name: 'lmdb-writer', resourceLimits }
  const worker = new Worker(threadEntry(entry), settings)
  stepsOutsideAtExit(worker, gate)
  await opened(worker)
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  const doneMessages = new SharedCount(done)
  const writer = new QueuedWriter(path, {
    send: (requests) => worker.postMessage(requests),
    open: (sent) => doneMessages.behind(sent),
    keepAlive: (isKept) => (isKept ? worker.ref() : worker.unref()),
    close: async () => {
      worker.postMessage('close')
      await ended
    },
  })
  worker.on('message', (said: WriterSays) => {
    if (said.kind === 'log') logger.error(said.fields as LogFields, said.message)
    if (said.kind === 'published') publications?.notify()
    if (said.kind === 'answers') writer.hear(said.answers, said.state)
  })
  worker.on('error', (error) => {
    logger.error({ error: error as Error, path }, 'the thread that writes to LMDB failed')
  })
  void ended.then(() => writer.end())
  return writer
}
