import cluster, { type Worker } from 'node:cluster'
import type { Clock } from '../../shared/kernel/clock.ts'
import { AuthError } from '../../shared/kernel/errors.ts'
import type { Closable } from '../../shared/kernel/lifecycle.ts'
import type { ProcessContext } from '../../shared/kernel/process/process-context.ts'
import type { RateLimits } from '../../shared/ports/rate-limits.ts'
import { answerLimits } from './primary-limits.ts'
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
type Member = {
  readonly index: number
  readonly worker: Worker
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
  readonly #answers = new Map<number, (answer: unknown) => void>()
  readonly #stopping = new AbortController()
  readonly #count: number
  readonly #stopMs: number
  #nextId = 0
  #started: Readonly<{ resolve: (url: string) => void; reject: (error: AuthError) => void }> | null

  /** Resolves with the address on which they listen once all are ready; rejects if one failed. */
  readonly ready: Promise<string>

  constructor(options: PoolOptions, context: ProcessContext) {
    const { count, stopMs } = options
    this.#options = options
    this.#count = count
    this.#stopMs = stopMs + endPatienceMs
    this.#context = context
    this.#started = null
    this.ready = new Promise((resolve, reject) => {
      this.#started = { resolve, reject }
    })
    this.ready.catch(() => {}) // Whoever awaits it meets it.
    for (let index = 1; index <= count; index += 1) this.#begin(index)
  }

  readyCount(): number {
    return [...this.#members.values()].filter(({ isReady }) => isReady).length
  }

  /** The answer of each worker that gives one within five seconds, by its index. */
  async ask<Question extends WorkerQuestion>(
    question: Question,
    who: readonly number[] = [...this.#members.keys()],
  ): Promise<ReadonlyMap<number, WorkerAnswers[Question]>> {
    const found = new Map<number, WorkerAnswers[Question]>()
    const asking = who.map(async (index) => {
      const member = this.#members.get(index)
      if (!member?.isReady) return
      const answer = await this.#askOne(member, question)
      if (answer !== undefined) found.set(index, answer as WorkerAnswers[Question])
    })
    await Promise.all(asking)
    return new Map([...found].sort(([one], [other]) => one - other))
  }

  /** Tells all to stop; `close` waits for them. */
  stop(reason: string): void {
    if (this.#stopping.signal.aborted) return
    this.#stopping.abort()
    for (const { worker } of this.#members.values()) this.#order(worker, { kind: 'stop', reason })
  }

  async close(): Promise<void> {
    this.stop('SIGTERM')
    const { clock, logger } = this.#context
    const late = new AbortController()
    const ended = [...this.#members.values()].map(({ worker }) => endOf(worker))
    void Promise.all(ended).then(() => late.abort())
    await clock.sleep(this.#stopMs, late.signal)
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
    const worker = cluster.fork(this.#options.env)
    const member: Member = { index, worker, isReady: false, failed: null }
    this.#members.set(index, member)
    worker.on('message', (said: WorkerSays) => this.#hear(member, said))
    worker.once('exit', (code, signal) => this.#ended(member, signal || String(code)))
  }

  #hear(member: Member, said: WorkerSays): void {
    if (said.kind === 'failed') member.failed = said
    if (said.kind === 'limits') void this.#answerLimits(member, said)
    if (said.kind === 'answer') this.#answers.get(said.id)?.(said.answer)
    if (said.kind !== 'ready') return
    member.isReady = true
    this.#waits.delete(member.index)
    if (this.readyCount() < this.#count || !this.#started) return
    this.#started.resolve(said.url)
    this.#started = null
  }

  #ended(member: Member, end: string): void {
    const { index, failed } = member
    this.#members.delete(index)
    if (this.#stopping.signal.aborted) return
    const error = errorOf(index, failed, end)
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

  async #askOne({ worker }: Member, question: WorkerQuestion): Promise<unknown> {
    const id = this.#nextId
    this.#nextId += 1
    const patience = new AbortController()
    const answered = new Promise<unknown>((resolve) => {
      this.#answers.set(id, resolve)
      worker.once('exit', () => resolve(undefined))
      this.#order(worker, { kind: 'ask', id, question })
    })
    const late = this.#context.clock.sleep(answerPatienceMs, patience.signal)
    try {
      return await Promise.race([answered, late.then(() => undefined)])
    } finally {
      patience.abort()
      this.#answers.delete(id)
    }
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
