import type { Commit, NewCommit } from '../../shared/events/commit.ts'
import type { EventStore } from '../../shared/ports/event-store.ts'
import { contract } from '../support/contract.ts'
import {
  aCommit,
  aCutoffCommit,
  aLogId,
  aRevocationCommit,
  hourMs,
  later,
  noon,
} from '../support/fakes/builders.ts'
import { assert } from '../support/suite.ts'

const stream = 's/0123456789abcdef0123456789abcdef'
const versions = (commits: readonly Commit[]): number[] => commits.map(({ id }) => id.v)
const marksOf = (commits: readonly NewCommit[]) => commits.map(({ id }) => ({ id, offset: null }))

/** Appends versions 0 to `count - 1` of one stream. */
const fill = async (
  store: EventStore,
  count: number,
  make: (v: number) => NewCommit,
): Promise<readonly NewCommit[]> => {
  const commits = Array.from({ length: count }, (_, v) => make(v))
  for (const commit of commits) await store.append(commit)
  return commits
}

/** What is kept for how long, and what is told again when a log forgot. */
export const eventStorePruningContract = contract<EventStore>('event store, pruned', {
  'prune deletes published commits of sessions that are past their end': async (store) => {
    const gone = aCommit({ expiresAt: later(-hourMs) })
    const kept = aCommit({ expiresAt: later(hourMs) })
    const untold = aCommit({ expiresAt: later(-hourMs) })
    for (const commit of [gone, kept, untold]) await store.append(commit)
    await store.markPublished(aLogId(), marksOf([gone, kept]))
    await store.prune(noon, later(-hourMs), 100)
    assert.equal(
      (await store.heads([gone.id.s, kept.id.s, untold.id.s])).map((head) => head !== null),
      [false, true, true],
    )
  },

  'prune deletes what is older than the newest two and than the instant given': async (store) => {
    const commits = await fill(store, 6, (v) => aCommit({ s: stream, v, at: later(v * 1000) }))
    await store.markPublished(aLogId(), marksOf(commits))
    await store.prune(noon, later(2000), 100)
    assert.equal(versions(await store.read(stream, 0, 10)), [2, 3, 4, 5])
    await store.prune(noon, later(hourMs), 100)
    assert.equal(versions(await store.read(stream, 0, 10)), [4, 5])
    assert.is((await store.heads([stream]))[0]?.id.v, 5)
  },

  'prune never deletes what is unpublished': async (store) => {
    const commits = await fill(store, 5, (v) => aCommit({ s: stream, v }))
    const told = commits.filter(({ id }) => id.v !== 1)
    await store.markPublished(aLogId(), marksOf(told))
    await store.prune(noon, later(hourMs), 100)
    assert.equal(versions(await store.read(stream, 0, 10)), [1, 3, 4])
  },

  'prune leaves the streams of cutoffs alone': async (store) => {
    const commits = await fill(store, 5, (v) => aCutoffCommit({ s: 'u/somebody', v }))
    await store.markPublished(aLogId(), marksOf(commits))
    await store.prune(later(1000 * hourMs), later(1000 * hourMs), 100)
    assert.equal(versions(await store.read('u/somebody', 0, 10)), [0, 1, 2, 3, 4])
  },

  'prune deletes at most as many as told, counts them, and comes to an end': async (store) => {
    const commits = await fill(store, 9, (v) => aCommit({ s: stream, v }))
    await store.markPublished(aLogId(), marksOf(commits))
    const counts: number[] = []
    for (let count = -1; count !== 0 && counts.length < 20; ) {
      count = await store.prune(noon, later(hourMs), 3)
      counts.push(count)
    }
    assert.ok(counts.every((count) => count <= 3))
    assert.is(
      counts.reduce((sum, count) => sum + count, 0),
      7,
    )
    assert.equal(versions(await store.read(stream, 0, 10)), [7, 8])
  },

  'revocations are paged in a stable order, published or not, each exactly once': async (store) => {
    const wanted = [
      ...Array.from({ length: 4 }, () => aRevocationCommit({ expiresAt: later(hourMs) })),
      aCutoffCommit(),
      aCutoffCommit({ s: 'all' }),
    ]
    const others = [aCommit(), aRevocationCommit({ expiresAt: later(-hourMs) })]
    for (const commit of [...others, ...wanted]) await store.append(commit)
    await store.markPublished(aLogId(), marksOf(wanted.slice(0, 3)))
    const walk = async (): Promise<string[]> => {
      const seen: string[] = []
      let page = await store.revocationsAfter(null, noon, 2)
      while (page.length > 0 && seen.length < 20) {
        assert.ok(page.length <= 2)
        seen.push(...page.map(({ claim }) => claim))
        page = await store.revocationsAfter(page.at(-1)?.id ?? null, noon, 2)
      }
      return seen
    }
    const seen = await walk()
    assert.equal([...seen].sort(), wanted.map(({ claim }) => claim as string).sort())
    assert.equal(await walk(), seen)
  },
})
