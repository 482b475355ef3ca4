import { Worker } from 'node:worker_threads'
import { AuthError } from '../../../kernel/errors.ts'
import type { LogFields, Logger } from '../../../kernel/logger.ts'
import { threadEntry } from '../../../kernel/process/thread-entry.ts'
import type { Writer, WriterState } from './writer.ts'
import {
  receivedError,
  type WriteAnswer,
  type WriteRequest,
  type WriterPlan,
  type WriterSays,
} from './writer-messages.ts'

type Options = Readonly<{ path: string; groupShares?: boolean; logger: Logger }>
type Waiting = Readonly<{ resolve: (value: unknown) => void; reject: (error: Error) => void }>

const entry = new URL('../writer-thread/run-writer-thread.ts', import.meta.url)

/**
 * One message is what the thread commits, the other what it finds when it has: more would only make
 * smaller transactions.
 */
const messagesMax = 2

/** Its garbage is small and young: with more it takes 4 MB, and no less processor time a commit. */
const resourceLimits = { maxYoungGenerationSizeMb: 6 }

/**
 * Has a thread of its own write. What is asked for while it has enough to do travels in one message
 * and shares a transaction. When the thread ends by itself the fate of what waited is unknown, and
 * nothing is written any more until this process starts anew.
 */
class ThreadWriter implements Writer {
  readonly #worker: Worker
  readonly #path: string
  readonly #waiting = new Map<number, Waiting>()
  readonly #ended: Promise<void>
  #requests: WriteRequest[] = []
  /** Ids that end the messages on their way, oldest first. */
  readonly #sentUpTo: number[] = []
  #isSending = false
  #nextId = 0
  #state: WriterState = 'good'
  #isClosing = false

  constructor(worker: Worker, { path, logger }: Options) {
    this.#worker = worker
    this.#path = path
    worker.on('message', (said: WriterSays) => this.#hear(said, logger))
    worker.on('error', (error) => {
      logger.error({ error: error as Error, path }, 'the thread that writes to LMDB failed')
    })
    this.#ended = new Promise((resolve) => {
      worker.once('exit', () => {
        this.#end()
        resolve()
      })
    })
    // What waits keeps the process alive, and the thread alone does not.
    worker.unref()
  }

  get state(): WriterState {
    return this.#state
  }

  run(name: string, operation: string, given: readonly unknown[]): Promise<unknown> {
    if (this.#state === 'broken') return Promise.reject(this.#unknownFate())
    return new Promise((resolve, reject) => {
      const id = this.#nextId
      this.#nextId += 1
      if (this.#waiting.size === 0) this.#worker.ref()
      this.#waiting.set(id, { resolve, reject })
      this.#requests.push([id, name, operation, given])
      this.#sendSoon()
    })
  }

  async close(): Promise<void> {
    this.#isClosing = true
    this.#worker.ref()
    this.#post()
    this.#worker.postMessage('close')
    await this.#ended
  }

  /** At the end of this turn of the event loop, with what else is asked for in it. */
  #sendSoon(): void {
    if (this.#isSending || this.#sentUpTo.length >= messagesMax) return
    this.#isSending = true
    setImmediate(() => {
      this.#isSending = false
      this.#post()
    })
  }

  #post(): void {
    if (this.#requests.length === 0) return
    this.#sentUpTo.push(this.#nextId - 1)
    this.#worker.postMessage(this.#requests)
    this.#requests = []
  }

  #hear(said: WriterSays, logger: Logger): void {
    if (said.kind === 'log') logger.error(said.fields as LogFields, said.message)
    if (said.kind !== 'answers') return
    this.#state = said.state
    for (const answer of said.answers) this.#settle(answer)
    this.#forgetAnswered()
    if (this.#requests.length > 0) this.#sendSoon()
    if (this.#waiting.size === 0 && !this.#isClosing) this.#worker.unref()
  }

  #settle([id, value, error]: WriteAnswer): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (error === null) waiting?.resolve(value)
    else waiting?.reject(receivedError(error))
  }

  /** Whatever the order of the answers, a message is over when all up to its last id have come. */
  #forgetAnswered(): void {
    const [oldest = Number.POSITIVE_INFINITY] = this.#waiting.keys()
    while ((this.#sentUpTo[0] ?? Number.POSITIVE_INFINITY) < oldest) this.#sentUpTo.shift()
  }

  #end(): void {
    this.#state = 'broken'
    for (const { reject } of this.#waiting.values()) reject(this.#unknownFate())
    this.#waiting.clear()
  }

  #unknownFate(): AuthError {
    const text = `the thread that writes to ${this.#path} ended; restart this process`
    return new AuthError('STORE_UNAVAILABLE', text)
  }
}

/** @throws what opening the environment throws, in the thread. */
export const openThreadWriter = async (options: Options): Promise<Writer> => {
  const { path, groupShares = false } = options
  const workerData: WriterPlan = { path, groupShares }
  const settings = { workerData, execArgv: [], name: 'lmdb-writer', resourceLimits }
  const worker = new Worker(threadEntry(entry), settings)
  await new Promise<void>((resolve, reject) => {
    worker.once('message', (said: WriterSays) => {
      if (said.kind === 'refused') reject(receivedError(said.error))
      else resolve()
    })
    worker.once('error', reject)
  })
  return new ThreadWriter(worker, options)
}
