import type { Listing, NewCommit, SlidingSession } from '../../shared/events/commit.ts'
import type { RevocationInForce, StatusListEntry } from '../../shared/events/status-list-entry.ts'
import type { EpochMs, EpochSeconds } from '../../shared/kernel/ids.ts'
import type { EventStore } from '../../shared/ports/event-store.ts'
import { contract } from '../support/contract.ts'
import {
  aClient,
  aCommit,
  aCutoffCommit,
  aJti,
  aListedCommit,
  aLogId,
  aRevocationCommit,
  aRevoked,
  aSessionState,
  aSid,
  aSub,
  hourMs,
  later,
  noon,
  noonSeconds,
} from '../support/fakes/builders.ts'
import { assert } from '../support/suite.ts'

const slidingIn = (listed: Listing): NewCommit => {
  const exp = (noonSeconds + 300) as EpochSeconds
  const session: SlidingSession = {
    status: 'live',
    sid: aSid(),
    sub: aSub(),
    client: aClient,
    epoch: { sub: 0, client: -1, all: 2 },
    startedAt: noon,
    sliding: { token: { jti: aJti(), iat: noonSeconds, exp, listed }, refreshExp: exp },
    accessExpMax: exp,
    expMax: exp,
  }
  return { ...aCommit(), id: { s: `s/${session.sid}`, v: 0 }, session }
}

const walkList = async (
  store: EventStore,
  list: string,
  limit: number,
): Promise<readonly StatusListEntry[]> => {
  const seen: StatusListEntry[] = []
  for (let after: StatusListEntry | undefined; seen.length < 50; after = seen.at(-1)) {
    const page = await store.listed(list, after?.id ?? null, limit)
    assert.ok(page.length <= limit)
    if (page.length === 0) break
    seen.push(...page)
  }
  return seen
}

const walkEnds = async (store: EventStore, at: EpochMs): Promise<readonly RevocationInForce[]> => {
  const seen: RevocationInForce[] = []
  for await (const page of store.standingEnds(at)) seen.push(...page)
  return seen
}

const idx = (tokens: readonly StatusListEntry[]): number[] =>
  tokens.map((token) => token.idx).sort((a, b) => a - b)
const ending = (until: EpochMs): NewCommit => {
  const session = aSessionState({ status: 'dead' })
  return aRevocationCommit({ session, events: [aRevoked({ expiresAt: until })] })
}

/** What status lists are made of. */
export const eventStoreListsContract = contract<EventStore>('event store, lists', {
  'a listed token tells all that an end may name it by': async (store) => {
    const session = aSessionState({ epoch: { sub: 4, client: 0, all: -1 } })
    const pair = aListedCommit({ list: 'a', idx: 7 }, { session })
    const sliding = slidingIn({ list: 'b', idx: 131_071 })
    for (const commit of [pair, sliding, aCommit()]) await store.append(commit)
    const { sid, sub, client, epoch, access } = session
    assert.equal(await store.listed('a', null, 10), [
      { id: pair.id, idx: 7, jti: access.jti, sid, sub, client, epoch },
    ])
    const [found] = await store.listed('b', null, 10)
    assert.equal(found?.epoch, { sub: 0, client: -1, all: 2 })
    assert.is(found?.idx, 131_071)
    assert.equal(await store.listed('c', null, 10), [])
    assert.equal(await store.listed('a', null, 0), [])
  },

  'a listing is read back with its commit': async (store) => {
    const commit = aListedCommit({ list: 'a', idx: 0 })
    await store.append(commit)
    assert.equal(await store.heads([commit.id.s]), [{ ...commit, published: null }])
  },

  'a list is paged: each of its tokens once, published or not, and none of another': async (
    store,
  ) => {
    const mine = Array.from({ length: 7 }, (_, at) => aListedCommit({ list: 'm', idx: at * 3 }))
    const others = ['l', 'ma', 'n'].map((list) => aListedCommit({ list, idx: 1 }))
    for (const commit of [...others, ...mine]) await store.append(commit)
    await store.markPublished(
      aLogId(),
      mine.slice(0, 3).map(({ id }) => ({ id, offset: null })),
    )
    const seen = await walkList(store, 'm', 2)
    assert.equal(idx(seen), [0, 3, 6, 9, 12, 15, 18])
    assert.equal(await walkList(store, 'm', 3), seen)
  },

  'lists are named one after the other, each once': async (store) => {
    for (const list of ['20-0-ff', '10-0-aa', '10-0-aa', '10-0-ab', '9', '20-0-f']) {
      await store.append(aListedCommit({ list, idx: 1 }))
    }
    const names: (string | null)[] = []
    for (let name: string | null = ''; name !== null && names.length < 10; names.push(name)) {
      name = await store.listAfter(name)
    }
    assert.equal(names, ['10-0-aa', '10-0-ab', '20-0-f', '20-0-ff', '9', null])
    assert.is(await store.listAfter('10-0-aa\u0000'), '10-0-ab')
  },

  'prune keeps a superseded commit as long as its listed token may be alive': async (store) => {
    const session = aSessionState()
    const s = `s/${session.sid}` as const
    const commits = [0, 1, 2, 3, 4].map((v) => {
      const over = { session, s, v, at: later(-hourMs) }
      return v % 2 === 0 ? aListedCommit({ list: 'p', idx: v }, over) : aCommit(over)
    })
    for (const commit of commits) await store.append(commit)
    await store.markPublished(
      aLogId(),
      commits.map(({ id }) => ({ id, offset: null })),
    )
    const kept = async (): Promise<number[]> => (await store.read(s, 0, 10)).map(({ id }) => id.v)
    await store.prune(later(599_999), later(hourMs), 100)
    assert.equal(await kept(), [0, 2, 3, 4])
    assert.equal(idx(await walkList(store, 'p', 10)), [0, 2, 4])
    await store.prune(later(600_000), later(hourMs), 100)
    assert.equal(await kept(), [3, 4])
    assert.equal(idx(await walkList(store, 'p', 10)), [4])
  },

  'an expired commit leaves its list and the ends': async (store) => {
    const session = aSessionState({ status: 'dead' })
    const { sid } = session
    const over = { session, kind: 'r', expiresAt: later(-1) } as const
    const gone = aListedCommit({ list: 'x', idx: 3 }, { ...over, events: [aRevoked({ sid })] })
    await store.append(gone)
    assert.is((await walkEnds(store, noon)).length, 1)
    await store.markPublished(aLogId(), [{ id: gone.id, offset: 1 }])
    await store.prune(noon, noon, 10)
    assert.equal(await store.listed('x', null, 10), [])
    assert.is(await store.listAfter(''), null)
    assert.equal(await walkEnds(store, noon), [])
  },

  'ends are told until they may be forgotten, published or not': async (store) => {
    const wanted = [3, 1, 2, 2, 2, 5].map((hours) => ending(later(hours * hourMs)))
    const beside = aCommit().events
    const alongside = { ...ending(later(hourMs)), events: [...beside, ...ending(later(1)).events] }
    const over = [ending(noon), ending(later(-hourMs))]
    const rotated = aCommit({ events: [aRevoked({ reason: 'rotated', expiresAt: later(hourMs) })] })
    for (const commit of [...over, ...wanted, alongside, rotated]) await store.append(commit)
    await store.markPublished(
      aLogId(),
      wanted.slice(0, 3).map(({ id }) => ({ id, offset: 1 })),
    )
    const told = async (at: EpochMs): Promise<string[]> =>
      [...new Set((await walkEnds(store, at)).map(({ id }) => id.s as string))].sort()
    const streams = (commits: readonly NewCommit[]): string[] =>
      commits.map(({ id }) => id.s).sort()
    assert.equal(await told(noon), streams([...wanted, alongside]))
    assert.equal(await told(later(1)), streams(wanted))
    assert.equal(await told(later(2 * hourMs)), streams(wanted.filter((_, at) => at % 5 === 0)))
    assert.equal(await told(later(5 * hourMs)), [])
  },

  'however many ends there are, all are told': async (store) => {
    const wanted = Array.from({ length: 1_050 }, () => ending(later(hourMs)))
    for (let at = 0; at < wanted.length; at += 50) {
      await Promise.all(wanted.slice(at, at + 50).map((commit) => store.append(commit)))
    }
    const told = new Set((await walkEnds(store, noon)).map(({ id }) => id.s))
    assert.is(told.size, wanted.length)
  },

  'the end of a stream of cutoffs tells its cutoff': async (store) => {
    const s = `u/${aSub()}` as const
    for (const v of [0, 1]) await store.append(aCutoffCommit({ s, v }))
    const seen = [...(await walkEnds(store, noon))].sort((a, b) => a.id.v - b.id.v)
    assert.equal(
      seen,
      [0, 1].map((v) => ({ id: { s, v }, cutoff: v })),
    )
  },
})
