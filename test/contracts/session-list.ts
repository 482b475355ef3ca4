import fc from 'fast-check'
import { mergedSessions, type SessionEntry } from '../../shared/events/session-entry.ts'
import type { EpochMs, SessionId } from '../../shared/kernel/ids.ts'
import type { SessionList } from '../../shared/ports/session-list.ts'
import { contract } from '../support/contract.ts'
import { aClient, aSid, aSub, hourMs, later, noon } from '../support/fakes/builders.ts'
import { assert } from '../support/suite.ts'
import { race } from '../support/until.ts'

const useAt = (version: number, over: object = {}) => ({
  version,
  at: later(version * 1_000),
  address: `192.0.2.${version % 256}`,
  agent: `$agent ${version}`,
  ...over,
})

const used = (over: Partial<SessionEntry> = {}, version = 0): SessionEntry => ({
  sid: aSid(),
  sub: aSub(),
  client: aClient,
  kind: 'pair',
  first: useAt(version),
  last: useAt(version),
  expiresAt: later(hourMs + version),
  ended: null,
  keepUntil: later(2 * hourMs + version),
  ...over,
})

const over = (ofSession: Pick<SessionEntry, 'sid' | 'sub'>, version: number): SessionEntry => ({
  ...ofSession,
  client: null,
  kind: null,
  first: null,
  last: null,
  expiresAt: 0 as EpochMs,
  ended: { version, at: later(version * 1_000), reason: 'logout' },
  keepUntil: later(hourMs),
})

const pageOf = (list: SessionList, sub: SessionEntry['sub']) => list.page(sub, null, 100)

const facts = (sub: SessionEntry['sub'], sids: readonly SessionId[]) =>
  fc
    .record({ sid: fc.constantFrom(...sids), version: fc.integer({ min: 0, max: 12 }) })
    .map(({ sid, version }) =>
      version === 12 ? over({ sid, sub }, version) : used({ sid, sub }, version),
    )

export const sessionListContract = contract<SessionList>('session list', {
  'a session is listed as it was told, under its user only': async (list) => {
    const mine = used({ ended: { version: 3, at: later(5), reason: 'reuse' } })
    await list.fold([mine, used()])
    assert.equal(await pageOf(list, mine.sub), [mine])
    assert.equal(await pageOf(list, aSub()), [])
    await list.fold([])
  },

  'where a session was used is kept sealed, of each use its own': async (list) => {
    const { sid, sub } = used()
    const sealedUse = (version: number) => {
      const use = useAt(version, { address: null, agent: null, personal: `1;;a:${version}` })
      return used({ sid, sub, first: use, last: use }, version)
    }
    await list.fold([sealedUse(4), used({ sid, sub }, 5)])
    await list.fold([sealedUse(2), sealedUse(7)])
    const [entry] = await pageOf(list, sub)
    assert.equal([entry?.first, entry?.last], [sealedUse(2).first, sealedUse(7).last])
  },

  'the first and the last use, the greatest expiry and the end are kept': async (list) => {
    const { sid, sub } = used()
    await list.fold([used({ sid, sub }, 4), used({ sid, sub }, 2)])
    await list.fold([over({ sid, sub }, 9), used({ sid, sub }, 7), used({ sid, sub }, 5)])
    const [entry] = await pageOf(list, sub)
    assert.equal([entry?.first, entry?.last], [useAt(2), useAt(7)])
    assert.equal([entry?.expiresAt, entry?.keepUntil], [later(hourMs + 7), later(2 * hourMs + 7)])
    assert.equal(entry?.ended, { version: 9, at: later(9_000), reason: 'logout' })
  },

  'a session of which only the end was read is listed once a use is': async (list) => {
    const told = used()
    await list.fold([over(told, 1)])
    assert.equal(await pageOf(list, told.sub), [])
    await list.fold([told])
    const [entry] = await pageOf(list, told.sub)
    assert.equal([entry?.ended?.version, entry?.client, entry?.kind], [1, aClient, 'pair'])
  },

  'duplicates and any order give the same entries': async (list) => {
    const sub = aSub()
    const sids = [aSid(), aSid(), aSid()]
    const arbitrary = fc.array(facts(sub, sids), { minLength: 1, maxLength: 12 }).chain((told) =>
      fc.record({
        told: fc.constant(told),
        again: fc.shuffledSubarray([...told, ...told], { minLength: told.length }),
        cut: fc.integer({ min: 0, max: told.length }),
      }),
    )
    const all: SessionEntry[] = []
    await fc.assert(
      fc.asyncProperty(arbitrary, async ({ told, again, cut }) => {
        all.push(...told)
        await list.fold(again.slice(0, cut))
        await list.fold([...again.slice(cut), ...told])
        const wanted = mergedSessions([...all].reverse()).filter(({ first }) => first !== null)
        const bySid = (a: SessionEntry, b: SessionEntry): number => (a.sid < b.sid ? -1 : 1)
        assert.equal([...(await pageOf(list, sub))].sort(bySid), [...wanted].sort(bySid))
      }),
      { numRuns: 15, seed: 20_260_101 },
    )
  },

  '50 racing folds about one session lose nothing': async (list) => {
    const { sid, sub } = used()
    await race(50, (index) => list.fold([used({ sid, sub }, index + 1), over({ sid, sub }, 99)]))
    const [entry] = await pageOf(list, sub)
    assert.equal([entry?.first?.version, entry?.last?.version], [1, 50])
    assert.is(entry?.ended?.version, 99)
  },

  'pages come newest start first, and meet without a gap': async (list) => {
    const sub = aSub()
    // Three sessions of the same instant, so that a page ends between them.
    const starts = [5, 1, 3, 3, 3, 9].map((version) => used({ sub }, version))
    await list.fold([...starts, used()])
    const seen: SessionEntry[] = []
    for (let page = await list.page(sub, null, 2); page.length > 0; ) {
      assert.ok(page.length <= 2)
      seen.push(...page)
      assert.ok(seen.length <= 6, 'a page repeats itself')
      const { sid, first } = page.at(-1) as SessionEntry
      page = await list.page(sub, { at: first?.at ?? noon, sid }, 2)
    }
    assert.equal(
      seen.map(({ first }) => first?.version),
      [9, 5, 3, 3, 3, 1],
    )
    assert.is(new Set(seen.map(({ sid }) => sid)).size, 6)
    assert.equal(await list.page(sub, null, 0), [])
  },

  'an earlier start that is read late moves the session': async (list) => {
    const sub = aSub()
    const [a, b] = [used({ sub }, 8), used({ sub }, 5)]
    await list.fold([a, b])
    await list.fold([used({ sid: a.sid, sub }, 2)])
    assert.equal(
      (await pageOf(list, sub)).map(({ sid }) => sid),
      [b.sid, a.sid],
    )
  },

  'sweep keeps a session until the end that its last use gave it': async (list) => {
    const sub = aSub()
    const begun = used({ sub, keepUntil: later(1_000) })
    await list.fold([begun])
    await list.fold([{ ...begun, keepUntil: later(5_000) }])
    for (let turn = 0; turn < 3; turn += 1) await list.sweep(later(2_000), 10)
    assert.is((await pageOf(list, sub))[0]?.keepUntil, later(5_000))
    await list.fold([{ ...begun, keepUntil: later(9_000) }])
    await list.sweep(later(6_000), 10)
    assert.is((await pageOf(list, sub)).length, 1)
  },

  'sweep deletes nothing that is to be kept, and at most as many as told': async (list) => {
    const sub = aSub()
    const kept = used({ sub, keepUntil: later(5_000) })
    await list.fold([kept, ...[1, 2, 3].map((ms) => used({ sub, keepUntil: later(ms) }))])
    for (let turn = 0; turn < 5; turn += 1) assert.ok((await list.sweep(later(1_000), 2)) <= 2)
    const left = (await pageOf(list, sub)).filter(({ keepUntil }) => keepUntil > later(1_000))
    assert.equal(left, [kept])
  },
})
