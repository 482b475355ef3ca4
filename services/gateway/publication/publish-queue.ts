import type { NewCommit } from '../../../shared/events/commit.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { LogId } from '../../../shared/kernel/ids.ts'
import { type CommitRecords, commitRecords, type Encoder } from './commit-records.ts'

export type PublishedAt = Readonly<{ logId: LogId; offset: number | null }>

export type QueuedCommit = CommitRecords & {
  readonly commit: NewCommit
  /** Sent in a request of its own: it was too large before. */
  readonly alone: boolean
  readonly done: Promise<PublishedAt>
  readonly resolve: (at: PublishedAt) => void
  readonly reject: (error: Error) => void
}

export const commitName = ({ id }: Pick<NewCommit, 'id'>): string => `${id.s}:${id.v}`

const queuedCommit = (commit: NewCommit, encoder: Encoder, alone: boolean): QueuedCommit => {
  let settlers: Pick<QueuedCommit, 'resolve' | 'reject'> | undefined
  const done = new Promise<PublishedAt>((resolve, reject) => {
    settlers = { resolve, reject }
  })
  if (!settlers) throw new AuthError('INTERNAL', 'a promise did not start')
  return { ...commitRecords(commit, encoder), commit, alone, done, ...settlers }
}

/**
 * `urgent`: a request waits for it, and it may overtake. `inOrder`: published in the order in which
 * they were enqueued, those of the relay among them. `other`: nobody waits.
 */
export type Lane = 'urgent' | 'inOrder' | 'other'

/** A session and a token end once. A user, a client and everyone may have many cutoffs. */
const endsOnce = ({ id }: NewCommit): boolean => id.s.startsWith('s/') || id.s.startsWith('j/')

export const laneOf = (commit: NewCommit): Lane =>
  commit.kind === 'o' ? 'other' : endsOnce(commit) ? 'urgent' : 'inOrder'

export const leftToRelay = (why: string): AuthError =>
  new AuthError('LOG_UNAVAILABLE', `${why}: left to the relay`)

/**
 * kafkajs groups messages in quadratic time: larger requests cost more than a second round trip.
 */
const recordsPerRequestMax = 500
/** Commits beyond this are left to the relay, which reads them from the store. */
const queuedMax: Readonly<Record<Lane, number>> = { urgent: 5_000, inOrder: 10_000, other: 5_000 }
const laneOrder: readonly Lane[] = ['urgent', 'inOrder', 'other']

/** Commits that wait for the next produce request, in three lanes with a bound each. */
export class PublishQueue {
  readonly #lanes: Readonly<Record<Lane, QueuedCommit[]>> = { urgent: [], inOrder: [], other: [] }
  readonly #unsettled = new Map<string, QueuedCommit>()
  readonly #encoder: Encoder

  constructor(encoder: Encoder) {
    this.#encoder = encoder
  }

  hasRoom(lane: Lane): boolean {
    return this.#lanes[lane].length < queuedMax[lane]
  }

  push(lane: Lane, commit: NewCommit, alone: boolean): QueuedCommit {
    const name = commitName(commit)
    const queued = queuedCommit(commit, this.#encoder, alone)
    this.#unsettled.set(name, queued)
    queued.done.catch(() => {}).finally(() => this.#unsettled.delete(name))
    this.#lanes[lane].push(queued)
    return queued
  }

  /** This commit, if it is queued or in flight. */
  find(commit: NewCommit): QueuedCommit | undefined {
    return this.#unsettled.get(commitName(commit))
  }

  /**
   * Whether something that is queued or in flight must be in the log before this commit: for a
   * cutoff all of it; for the rest an earlier commit of its stream, which may overtake others.
   */
  mustPrecede(commit: NewCommit): boolean {
    if (laneOf(commit) === 'inOrder') return this.#unsettled.size > 0
    const { s, v } = commit.id
    return v > 0 && this.#unsettled.has(commitName({ id: { s, v: v - 1 } }))
  }

  get size(): number {
    return this.#unsettled.size
  }

  /** Takes the commits of the next request; empty when nothing is queued. */
  next(): QueuedCommit[] {
    const batch: QueuedCommit[] = []
    let count = 0
    for (const lane of laneOrder) {
      const queue = this.#lanes[lane]
      let taken = 0
      for (const queued of queue) {
        const isFull = count + queued.records.length > recordsPerRequestMax
        if (batch.length > 0 && (isFull || queued.alone || batch[0]?.alone)) {
          queue.splice(0, taken)
          return batch
        }
        batch.push(queued)
        count += queued.records.length
        taken += 1
      }
      queue.splice(0, taken)
    }
    return batch
  }

  /** Empties the lanes. */
  takeAll(): QueuedCommit[] {
    return laneOrder.flatMap((lane) => this.#lanes[lane].splice(0))
  }
}
