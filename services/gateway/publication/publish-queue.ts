import type { NewCommit } from '../../../shared/events/commit.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { LogId } from '../../../shared/kernel/ids.ts'
import { type CommitRecords, commitRecords, type Encoder } from './commit-records.ts'

export type PublishedAt = Readonly<{ logId: LogId; offset: number | null }>

export type Waiting = CommitRecords & {
  readonly commit: NewCommit
  /** Travels in a request of its own: the log refused it before. */
  readonly alone: boolean
  readonly done: Promise<PublishedAt>
  readonly resolve: (at: PublishedAt) => void
  readonly reject: (error: Error) => void
}

export const nameOf = ({ id }: NewCommit): string => `${id.s}:${id.v}`

const waitingFor = (commit: NewCommit, encoder: Encoder, alone: boolean): Waiting => {
  let settle: Pick<Waiting, 'resolve' | 'reject'> | undefined
  const done = new Promise<PublishedAt>((resolve, reject) => {
    settle = { resolve, reject }
  })
  if (!settle) throw new AuthError('INTERNAL', 'a promise did not start')
  return { ...commitRecords(commit, encoder), commit, alone, done, ...settle }
}

/**
 * `urgent`: somebody waits for the answer. `turn`: in the order in which they come, the relay's
 * among them. `other`: nobody waits.
 */
export type Line = 'urgent' | 'turn' | 'other'

/** A session and a token end once; a subject, a client and everyone may be cut off many times. */
const endsOnce = ({ id }: NewCommit): boolean => id.s.startsWith('s/') || id.s.startsWith('j/')

export const lineOf = (commit: NewCommit): Line =>
  commit.kind === 'o' ? 'other' : endsOnce(commit) ? 'urgent' : 'turn'

export const leftToRelay = (why: string): AuthError =>
  new AuthError('LOG_UNAVAILABLE', `${why}: left to the relay`)

/**
 * kafkajs groups messages in quadratic time: larger requests cost more than a second round trip.
 */
const recordsPerRequestMax = 500
/** What waits beyond this is left to the relay, which reads it from the store. */
const waitingMax: Readonly<Record<Line, number>> = { urgent: 5_000, turn: 10_000, other: 5_000 }
const order: readonly Line[] = ['urgent', 'turn', 'other']

/** Commits that wait for the next request, in three lines with a bound each. */
export class PublishQueue {
  readonly #lines: Readonly<Record<Line, Waiting[]>> = { urgent: [], turn: [], other: [] }
  readonly #held = new Map<string, Waiting>()
  readonly #encoder: Encoder

  constructor(encoder: Encoder) {
    this.#encoder = encoder
  }

  hasRoom(line: Line): boolean {
    return this.#lines[line].length < waitingMax[line]
  }

  push(line: Line, commit: NewCommit, alone: boolean): Waiting {
    const name = nameOf(commit)
    const waiting = waitingFor(commit, this.#encoder, alone)
    this.#held.set(name, waiting)
    waiting.done.catch(() => {}).finally(() => this.#held.delete(name))
    this.#lines[line].push(waiting)
    return waiting
  }

  /** The same commit, if it waits or is in flight. */
  held(commit: NewCommit): Waiting | undefined {
    return this.#held.get(nameOf(commit))
  }

  get heldCount(): number {
    return this.#held.size
  }

  /** What the next request carries; empty when nothing waits. */
  next(): Waiting[] {
    const batch: Waiting[] = []
    let count = 0
    for (const line of order) {
      const queue = this.#lines[line]
      let taken = 0
      for (const waiting of queue) {
        const isFull = count + waiting.records.length > recordsPerRequestMax
        if (batch.length > 0 && (isFull || waiting.alone || batch[0]?.alone)) {
          queue.splice(0, taken)
          return batch
        }
        batch.push(waiting)
        count += waiting.records.length
        taken += 1
      }
      queue.splice(0, taken)
    }
    return batch
  }

  /** Empties the lines. */
  takeAll(): Waiting[] {
    return order.flatMap((line) => this.#lines[line].splice(0))
  }
}
