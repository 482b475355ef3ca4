import type { Commit, CommitId } from '../../../shared/events/commit.ts'
import { type EpochMs, type StreamId, sessionStream } from '../../../shared/kernel/ids.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import type { MetVersion } from './stream-versions.ts'

/** What the trail has of streams, in all lives. */
export type TrailStreams = Readonly<{
  newest: ReadonlyMap<string, MetVersion>
  /** The trail may lack events from before this instant, since it began later or was pruned. */
  completeFromMs: number
}>

type Comparing = Readonly<{
  store: Pick<EventStore, 'heads' | 'read' | 'revocationsAfter' | 'liveSessions'>
  streams: TrailStreams
  /**
   * By the store’s clock: what was appended before must have been in the trail when it was read.
   */
  before: EpochMs
}>

export type ComparedStore = Readonly<{
  /** Versions in the trail that the store lacks: it is an older one, or another one. */
  isOlder: boolean
  /** Commits that were not published yet. */
  waiting: number
  findings: readonly string[]
  /** All, also those that are not in the list. */
  count: number
}>

/** Later than this an event of the store must be in the trail. */
export const publishedWithinMs = 60_000

const batchSize = 256
const keptMax = 1_000

/** Streams of cutoffs are never deleted; of all others the store forgets what has expired. */
const isForEver = (stream: string): boolean => stream === 'all' || /^[uc]\//.test(stream)

/** A session is kept for a day after its last token may have expired; an hour less for clocks. */
const keptAtLeastMs = 23 * 3_600_000

class Comparison {
  readonly #comparing: Comparing
  readonly #findings: string[] = []
  #count = 0
  #isOlder = false
  #waiting = 0

  constructor(comparing: Comparing) {
    this.#comparing = comparing
  }

  ended(): ComparedStore {
    const [isOlder, waiting] = [this.#isOlder, this.#waiting]
    return { isOlder, waiting, findings: this.#findings, count: this.#count }
  }

  /** A stream of the trail, and what the store has of it. */
  async meet(stream: StreamId, met: MetVersion, head: Commit | null): Promise<void> {
    const { version } = met
    if (head === null ? this.#mustBeThere(stream, met) : head.id.v < version) {
      this.#isOlder = true
      const found = head === null ? 'nothing' : `version ${head.id.v} at most`
      this.#find(`${stream}: the trail has version ${version}, and the store ${found}`)
    } else if (head && head.id.v > version) await this.meetBehind(stream, version)
  }

  #mustBeThere(stream: string, { at }: MetVersion): boolean {
    const isYoung = stream.startsWith('s/') && at > this.#comparing.before - keptAtLeastMs
    return isForEver(stream) || isYoung
  }

  /** What the store has behind a version that the trail has; of -1, all. */
  async meetBehind(stream: StreamId, version: number): Promise<void> {
    const commits = await this.#comparing.store.read(stream, version + 1, batchSize)
    for (const commit of commits) this.meetCommit(commit)
  }

  /** A commit that the trail does not have. */
  meetCommit({ id, at, published }: Commit): void {
    const { before, streams } = this.#comparing
    if (at >= before || at < streams.completeFromMs) return
    if (published === null) this.#waiting += 1
    else this.#find(`${id.s}: version ${id.v} of the store is not in the trail`)
  }

  #find(text: string): void {
    this.#count += 1
    if (this.#findings.length < keptMax) this.#findings.push(text)
  }
}

const meetTrail = async (
  { store, streams: { newest } }: Comparing,
  comparison: Comparison,
): Promise<void> => {
  let batch: (readonly [StreamId, MetVersion])[] = []
  const compare = async (): Promise<void> => {
    const heads = await store.heads(batch.map(([stream]) => stream))
    for (const [at, [stream, met]] of batch.entries()) {
      await comparison.meet(stream, met, heads[at] ?? null)
    }
    batch = []
  }
  for (const [stream, met] of newest) {
    batch.push([stream as StreamId, met])
    if (batch.length === batchSize) await compare()
  }
  await compare()
}

const meetRevocations = async (
  { store, streams: { newest }, before }: Comparing,
  comparison: Comparison,
): Promise<void> => {
  let after: CommitId | null = null
  for (;;) {
    const page: readonly Commit[] = await store.revocationsAfter(after, before, batchSize)
    // What the trail has of a stream was compared before.
    for (const commit of page) if (!newest.has(commit.id.s)) comparison.meetCommit(commit)
    after = page.at(-1)?.id ?? null
    if (after === null) return
  }
}

const meetSessions = async (
  { store, streams: { newest }, before }: Comparing,
  comparison: Comparison,
): Promise<void> => {
  for await (const page of store.liveSessions({ scope: 'all' }, before)) {
    for (const { sid } of page) {
      const stream = sessionStream(sid)
      if (!newest.has(stream)) await comparison.meetBehind(stream, -1)
    }
  }
}

/**
 * Compares these streams of the trail alone, which may be some of many; streams that the trail does
 * not have at all are not found.
 * @throws AuthError STORE_UNAVAILABLE
 */
export const compareStreams = async (comparing: Comparing): Promise<ComparedStore> => {
  const comparison = new Comparison(comparing)
  await meetTrail(comparing, comparison)
  return comparison.ended()
}

/**
 * Compares the trail with the event store: the newest version of each stream in it, every
 * revocation in force and every living session. What has expired, and what is not published yet, is
 * no finding. It may run beside everything else: the trail was read before, and `before` is a
 * minute before that.
 * @throws AuthError STORE_UNAVAILABLE
 */
export const compareWithStore = async (comparing: Comparing): Promise<ComparedStore> => {
  const comparison = new Comparison(comparing)
  await meetTrail(comparing, comparison)
  await meetRevocations(comparing, comparison)
  await meetSessions(comparing, comparison)
  return comparison.ended()
}
