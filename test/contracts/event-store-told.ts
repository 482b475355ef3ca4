import type { NewCommit } from '../../shared/events/commit.ts'
import type { Clock } from '../../shared/kernel/clock.ts'
import type { EpochMs, LogId } from '../../shared/kernel/ids.ts'
import type { EventStore } from '../../shared/ports/event-store.ts'
import { contract } from '../support/contract.ts'
import { aLogId, aRevocationCommit, aRevoked, hourMs } from '../support/fakes/builders.ts'
import { assert } from '../support/suite.ts'

const claimsOf = (commits: readonly NewCommit[]): string[] =>
  commits.map(({ claim }) => claim as string).sort()
/** A revocation to be remembered until `ms` from now. */
const inForceUntil = (clock: Clock, ms: number): NewCommit => {
  const until = (clock.now() + ms) as EpochMs
  const events = [aRevoked({ expiresAt: until })]
  return aRevocationCommit({ events, expiresAt: (clock.now() + dayMs) as EpochMs })
}
const dayMs = 24 * hourMs
const markAt = (
  store: EventStore,
  logId: LogId,
  ...marks: readonly (readonly [commit: NewCommit, offset: number])[]
): Promise<void> =>
  store.markPublished(
    logId,
    marks.map(([{ id }, offset]) => ({ id, offset })),
  )

/** Where what was told lies in the log, and what of it lies there no more. */
export const eventStoreToldContract = contract<EventStore>('event store and what the log keeps', {
  'what was published under another identity must be told again, as long as it is in force': async (
    store,
    { clock },
  ) => {
    const [first, second] = [aLogId(), aLogId()]
    await store.renewLogId(null, first)
    const [wanted, over] = [inForceUntil(clock, hourMs), inForceUntil(clock, -1)]
    for (const commit of [wanted, over]) await store.append(commit)
    await markAt(store, first, [wanted, 4], [over, 2])
    assert.equal((await store.relayScan(10)).revocations, [])
    assert.is((await store.relayScan(10)).low, 4)
    await store.renewLogId(first, second)
    const { revocations, low, more } = await store.relayScan(10)
    assert.equal([claimsOf(revocations), low, more], [claimsOf([wanted]), null, false])
    await markAt(store, second, [wanted, 0])
    const after = await store.relayScan(10)
    assert.equal([after.revocations, after.low], [[], 0])
  },

  'what lies below the start of the log must be told again, and then lies higher': async (
    store,
    { clock },
  ) => {
    const logId = await store.renewLogId(null, aLogId())
    const commits = [3, 5, 9].map(() => inForceUntil(clock, hourMs))
    for (const commit of commits) await store.append(commit)
    const [low, middle, high] = commits as [NewCommit, NewCommit, NewCommit]
    await markAt(store, logId, [low, 3], [middle, 5], [high, 9])
    assert.is((await store.relayScan(10)).low, 3)
    assert.is((await store.relayScan(10, 3)).low, 3)
    const cut = await store.relayScan(10, 6)
    assert.equal([claimsOf(cut.revocations), cut.low], [claimsOf([low, middle]), 9])
    assert.equal([(await store.relayScan(1, 6)).revocations.length, cut.more], [1, false])
    assert.is((await store.relayScan(1, 6)).more, true)
    await markAt(store, logId, [low, 12], [middle, 13])
    const told = await store.relayScan(10, 6)
    assert.equal([told.revocations, told.low], [[], 9])
    assert.is((await store.relayScan(10, 14)).revocations.length, 3)
  },

  'the low mark never lies above a revocation in force, however many are over': async (
    store,
    { clock },
  ) => {
    const logId = await store.renewLogId(null, aLogId())
    const isOver = (index: number): boolean => index % 7 !== 3
    const commits = Array.from({ length: 60 }, (_, index) =>
      inForceUntil(clock, isOver(index) ? -1 : hourMs),
    )
    for (const commit of commits) await store.append(commit)
    await store.markPublished(
      logId,
      commits.map(({ id }, offset) => ({ id, offset })),
    )
    for (let start = 0; start < 60; start += 9) {
      const { revocations, low } = await store.relayScan(100, start)
      const standing = commits.flatMap((_commit, offset) => (isOver(offset) ? [] : [offset]))
      const least = standing.find((offset) => offset >= start) ?? null
      assert.ok(least === null || (low !== null && low <= least), `${low} above ${least}`)
      assert.is(revocations.length, standing.filter((offset) => offset < start).length)
    }
  },

  'the lowest come first, below an offset, in force, and not more than asked for': async (
    store,
    { clock },
  ) => {
    const logId = await store.renewLogId(null, aLogId())
    const [a, b, c] = [1, 2, 3].map(() => inForceUntil(clock, hourMs)) as [
      NewCommit,
      NewCommit,
      NewCommit,
    ]
    const over = inForceUntil(clock, -1)
    for (const commit of [a, b, c, over]) await store.append(commit)
    await markAt(store, logId, [a, 30], [b, 10], [c, 20], [over, 1])
    const at = clock.now()
    const found = async (offset: number, limit: number): Promise<readonly string[]> =>
      (await store.publishedBelow(logId, offset, at, limit)).map(({ claim }) => claim)
    assert.equal(await found(30, 9), [b.claim, c.claim])
    assert.equal(await found(99, 2), [b.claim, c.claim])
    assert.equal(await found(99, 0), [])
    assert.equal(await store.publishedBelow(aLogId(), 99, at, 9), [])
  },
})
