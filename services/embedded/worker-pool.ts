import cluster, { type Worker } from 'node:cluster'
import type { Clock } from '../../shared/kernel/clock.ts'
import { AuthError } from '../../shared/kernel/errors.ts'
import type { Closable } from '../../shared/kernel/lifecycle.ts'
import type { ProcessContext } from '../../shared/kernel/process/process-context.ts'
import { withTimeout } from '../../shared/kernel/retry.ts'
import type { RateLimits } from '../../shared/ports/rate-limits.ts'
import { answerLimits } from './primary-rate-limits.ts'
import type {
  LimitsRequest,
  WorkerAnswers,
  WorkerOrder,
  WorkerQuestion,
  WorkerSays,
} from './worker-messages.ts'

const firstWaitMs = 1_000
const waitMsMax = 30_000
const answerPatienceMs = 5_000
/** After the drain and the requests in flight; then a worker is killed. */
const endPatienceMs = 10_000

type Failed = Extract<WorkerSays, { kind: 'failed' }>
type Answered = Readonly<{ resolve: (answer: unknown) => void; reject: (error: Error) => void }>
type Member = {
  readonly index: number
  readonly worker: Worker
  /** What it was asked and did not answer yet, by id. */
  readonly pending: Map<number, Answered>
  isReady: boolean
  failed: Failed | null
}

export type PoolOptions = Readonly<{
  count: number
  /** How long a worker may take to stop, as it is told to. */
  stopMs: number
  /** Beside the environment of this process. */
  env: Readonly<Record<string, string>>
  /** What all workers count together. */
  limits: RateLimits
}>

const errorOf = (index: number, failed: Failed | null, end: string): AuthError =>
  failed?.code
    ? new AuthError(failed.code, failed.text)
    : new AuthError('INTERNAL', `worker ${index} ended with ${end}: ${failed?.text ?? 'no reason'}`)

/**
 * Processes that run this same command as workers, and share its port. One that ends by itself
 * after it was ready is started anew, at once and then after waits of up to half a minute; one that
 * ends before all were ready once ends the start.
 */
export class WorkerPool implements Closable {
  readonly #context: ProcessContext
  readonly #options: PoolOptions
  readonly #members = new Map<number, Member>()
  readonly #waits = new Map<number, number>()
  readonly #stopping = new AbortController()
  #nextId = 0
  #started: Readonly<{
    resolve: (url: string) => void
    reject: (error: AuthError) => void
  }> | null = null

  /** Resolves with the address on which they listen once all are ready; rejects if one failed. */
  readonly ready: Promise<string>

  constructor(options: PoolOptions, context: ProcessContext) {
    this.#options = options
    this.#context = context
    this.ready = new Promise((resolve, reject) => {
      this.#started = { resolve, reject }
    })
    this.ready.catch(() => {}) // Whoever awaits it meets it.
    for (let index = 1; index <= options.count; index += 1) this.#begin(index)
  }

  readyCount(): number {
    return [...this.#members.values()].filter(({ isReady }) => isReady).length
  }

  /** The answer of each worker that gives one within five seconds, by its index. */
  async ask<Question extends WorkerQuestion>(
    question: Question,
  ): Promise<ReadonlyMap<number, WorkerAnswers[Question]>> {
    const found = new Map<number, WorkerAnswers[Question]>()
    const asking = [...this.#members.values()].map(async (member) => {
      if (!member.isReady) return
      const late = (): Error => new Error('late')
      const answer = this.#askOne(member, question)
      await withTimeout(this.#context.clock, answerPatienceMs, answer, late).then(
        (told) => found.set(member.index, told),
        () => {}, // What others say is worth telling without it.
      )
    })
    await Promise.all(asking)
    return new Map([...found].sort(([one], [other]) => one - other))
  }

  /** The answer of the first worker, however long it takes. @throws Error when there is none */
  async askFirst<Question extends WorkerQuestion>(
    question: Question,
  ): Promise<WorkerAnswers[Question]> {
    const first = this.#members.get(1)
    if (!first) throw errorOf(1, null, 'no answer')
    return this.#askOne(first, question)
  }

  /** Tells all that there are. */
  tell(order: WorkerOrder): void {
    for (const { worker } of this.#members.values()) this.#order(worker, order)
  }

  /** Tells all to stop; `close` waits for them. */
  stop(reason: string): void {
    if (this.#stopping.signal.aborted) return
    this.#stopping.abort()
    this.tell({ kind: 'stop', reason })
  }

  async close(): Promise<void> {
    this.stop('SIGTERM')
    const { clock, logger } = this.#context
    const late = new AbortController()
    const ended = [...this.#members.values()].map(({ worker }) => endOf(worker))
    void Promise.all(ended).then(() => late.abort())
    await clock.sleep(this.#options.stopMs + endPatienceMs, late.signal)
    if (!late.signal.aborted) {
      logger.error(
        { workers: [...this.#members.keys()].join(', ') },
        'workers did not stop and are killed',
      )
      for (const { worker } of this.#members.values()) worker.process.kill('SIGKILL')
    }
    await Promise.all(ended)
  }

  #begin(index: number): void {
    const worker = this.#forked(index)
    if (worker === null) return
    const member: Member = { index, worker, pending: new Map(), isReady: false, failed: null }
    this.#members.set(index, member)
    worker.on('message', (message: WorkerSays) => this.#onMessage(member, message))
    worker.once('exit', (code, signal) => this.#ended(member, signal || String(code)))
    // Such as no more processes, or no `node` at its place any more; no `exit` follows.
    worker.once('error', (error) => this.#ended(member, String(error)))
  }

  #forked(index: number): Worker | null {
    try {
      return cluster.fork(this.#options.env)
    } catch (error) {
      this.#again(index, errorOf(index, null, String(error)))
      return null
    }
  }

  #onMessage(member: Member, message: WorkerSays): void {
    switch (message.kind) {
      case 'failed':
        member.failed = message
        return
      case 'limits':
        void this.#answerLimits(member, message)
        return
      case 'answer':
        member.pending.get(message.id)?.resolve(message.answer)
        member.pending.delete(message.id)
        return
      case 'no_answer':
        member.pending.get(message.id)?.reject(errorOf(member.index, null, message.text))
        member.pending.delete(message.id)
        return
      case 'ready':
        this.#isReady(member, message.url)
    }
  }

  #isReady(member: Member, url: string): void {
    member.isReady = true
    void this.#forgetWait(member)
    if (this.readyCount() < this.#options.count || !this.#started) return
    this.#started.resolve(url)
    this.#started = null
  }

  /** One that ends again and again soon after it was ready is waited for, too. */
  async #forgetWait(member: Member): Promise<void> {
    await this.#context.clock.sleep(waitMsMax, this.#stopping.signal)
    if (this.#members.get(member.index) === member) this.#waits.delete(member.index)
  }

  #ended(member: Member, end: string): void {
    const { index, failed, pending } = member
    if (this.#members.get(index) !== member) return
    this.#members.delete(index)
    const error = errorOf(index, failed, end)
    for (const { reject } of pending.values()) reject(error)
    this.#again(index, error)
  }

  #again(index: number, error: AuthError): void {
    if (this.#stopping.signal.aborted) return
    if (this.#started) {
      this.#started.reject(error)
      this.#started = null
      return
    }
    const { clock, logger } = this.#context
    const waitMs = this.#waits.get(index) ?? 0
    this.#waits.set(index, Math.min(Math.max(waitMs * 2, firstWaitMs), waitMsMax))
    logger.error({ error, worker: index, waitMs }, 'a worker ended and is started anew')
    void this.#beginAfter(clock, index, waitMs)
  }

  async #beginAfter(clock: Clock, index: number, waitMs: number): Promise<void> {
    await clock.sleep(waitMs, this.#stopping.signal)
    if (!this.#stopping.signal.aborted) this.#begin(index)
  }

  #askOne<Question extends WorkerQuestion>(
    { worker, pending }: Member,
    question: Question,
  ): Promise<WorkerAnswers[Question]> {
    const id = this.#nextId
    this.#nextId += 1
    return new Promise((resolve, reject) => {
      pending.set(id, { resolve: resolve as Answered['resolve'], reject })
      this.#order(worker, { kind: 'ask', id, question })
    })
  }

  async #answerLimits({ worker }: Member, request: LimitsRequest): Promise<void> {
    this.#order(worker, await answerLimits(this.#options.limits, request))
  }

  #order(worker: Worker, order: WorkerOrder): void {
    // One that just ended has no channel any more; its exit tells the rest.
    if (worker.isConnected()) worker.send(order, () => {})
  }
}

const endOf = (worker: Worker): Promise<void> =>
  new Promise((resolve) => {
    if (worker.isDead()) return resolve()
    worker.once('exit', () => resolve())
  })
