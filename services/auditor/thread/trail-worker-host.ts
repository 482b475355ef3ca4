import { Worker } from 'node:worker_threads'
import type { EventCheck } from '../../../shared/events/event-mac.ts'
import type { MacRing } from '../../../shared/events/record-mac.ts'
import { systemEntropy } from '../../../shared/kernel/entropy.ts'
import { AuthError, type AuthErrorCode, errorCatalogue } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { Closable } from '../../../shared/kernel/lifecycle.ts'
import { threadEntry } from '../../../shared/kernel/process/thread-entry.ts'
import type { LogBatch } from '../../../shared/ports/event-log.ts'
import { type Life, releaseLockOf } from '../files/index.ts'
import type { TrailAlarm } from '../trees/index.ts'
import type {
  Begun,
  FromThread,
  SentProblem,
  ThreadPlan,
  ThreadRequest,
  ToldStreams,
  ToThread,
  TrailPlan,
  Verified,
} from './trail-worker-messages.ts'

export type Sealed = Readonly<{ at: EpochMs; sizes: ReadonlyMap<number, number> }>
export type TrailListener = Readonly<{
  onAlarm: (alarm: TrailAlarm) => void
  onSealed: (sealed: Sealed) => void
  onVerified: (verified: Verified) => void
  onStreams?: (streams: ToldStreams) => void
}>

const entry = new URL('./run-trail-worker.ts', import.meta.url)

/** Its garbage is young: records and hashes that are over with their batch. */
const resourceLimits = { maxYoungGenerationSizeMb: 6 }

type Pending = Readonly<{ resolve: (answer: unknown) => void; reject: (error: Error) => void }>

/** What a message takes along of a ring that follows its file. */
const plainRing = ({ active, keys, fleet }: MacRing): MacRing => ({
  ...{ active, keys },
  ...(fleet !== undefined && { fleet }),
})

const isCode = (code: string | null): code is AuthErrorCode =>
  code !== null && Object.hasOwn(errorCatalogue, code)

const errorOf = ({ code, message }: SentProblem): Error =>
  isCode(code) ? new AuthError(code, message) : new Error(message)

/** The thread that writes the trail. One that ended is of no use: `ended` says why. */
export class TrailWorkerHost implements Closable {
  readonly #worker: Worker
  readonly #listener: TrailListener
  readonly #pending = new Map<number, Pending>()
  #nextId = 0
  #isClosing = false
  /** Why it is of no use any more. */
  #over: Error | null = null
  #sentRing: MacRing
  #failure: Error | null = null
  readonly #lockId: string
  /** Resolves when it ended; with the error when it was not told to. */
  readonly ended: Promise<Error | null>

  constructor(plan: TrailPlan, events: EventCheck, listener: TrailListener) {
    this.#listener = listener
    const ring = plainRing(events.ring)
    this.#sentRing = ring
    this.#lockId = systemEntropy.bytes(16).toString('hex')
    const workerData: ThreadPlan = {
      ...{ ...plan, lockId: this.#lockId },
      events: { ...events, ring },
    }
    const settings = { workerData, execArgv: [], name: 'trail', resourceLimits }
    this.#worker = new Worker(threadEntry(entry), settings)
    this.#worker.on('message', (message: FromThread) => this.#onMessage(message))
    this.ended = this.#end(plan.dir)
  }

  begin(logId: string, partitions: number): Promise<Begun> {
    return this.#ask({ kind: 'begin', logId, partitions }) as Promise<Begun>
  }

  /** Resolves when the records are in the tree; they are signed within a second. */
  async add(
    life: Life,
    { partition, records, end }: LogBatch,
    isSigned: readonly boolean[],
  ): Promise<void> {
    await this.#ask({ kind: 'add', life, partition, records, end, isSigned })
  }

  /** The `.tlog-proof` of an event; `null` when no signed log has it. */
  receipt(id: string): Promise<Uint8Array | null> {
    return this.#ask({ kind: 'receipt', id }) as Promise<Uint8Array | null>
  }

  /** The ring as it is now, if the thread does not have it yet. */
  takeRing(ring: MacRing): void {
    const { active, keys } = this.#sentRing
    if (ring.active === active && ring.keys === keys) return
    this.#sentRing = plainRing(ring)
    this.#send({ kind: 'ring', ring: this.#sentRing })
  }

  /** `onVerified` says what it came to. */
  verify(tellsStreams = false): void {
    this.#send({ kind: 'verify', tellsStreams })
  }

  noteClosed(t: EpochMs): void {
    this.#send({ kind: 'closed', t })
  }

  /** Signs what it was given, and ends. */
  async close(): Promise<void> {
    this.#isClosing = true
    this.#send({ kind: 'close' })
    await this.ended
  }

  #end(dir: string): Promise<Error | null> {
    this.#worker.on('error', (error) => {
      this.#failure ??= error as Error
    })
    return new Promise((resolve) => {
      this.#worker.once('exit', () => {
        releaseLockOf(dir, this.#lockId)
        const error = this.#failure ?? new Error('the thread of the trail ended')
        this.#over = error
        for (const { reject } of this.#pending.values()) reject(error)
        this.#pending.clear()
        resolve(this.#isClosing ? null : error)
      })
    })
  }

  #onMessage(message: FromThread): void {
    switch (message.kind) {
      case 'answer':
        this.#pending.get(message.id)?.resolve(message.answer)
        this.#pending.delete(message.id)
        return
      case 'refused':
        this.#pending.get(message.id)?.reject(errorOf(message.problem))
        this.#pending.delete(message.id)
        return
      case 'alarm':
        this.#listener.onAlarm(message.alarm)
        return
      case 'sealed':
        this.#listener.onSealed(message)
        return
      case 'streams':
        this.#listener.onStreams?.(message.streams)
        return
      case 'verified':
        this.#listener.onVerified(message.verified)
        return
      case 'failed':
        this.#failure = errorOf(message.problem)
        return
      case 'closed':
        return
    }
  }

  #ask(request: ThreadRequest): Promise<unknown> {
    if (this.#over) return Promise.reject(this.#over)
    const id = this.#nextId
    this.#nextId += 1
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      this.#send({ kind: 'ask', id, request })
    })
  }

  #send(message: ToThread): void {
    this.#worker.postMessage(message)
  }
}
