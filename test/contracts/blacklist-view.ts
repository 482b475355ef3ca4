import fc from 'fast-check'
import type { EventId, RevocationKey } from '../../shared/kernel/ids.ts'
import type { BlacklistView, ViewBatch, ViewEntry } from '../../shared/ports/blacklist-view.ts'
import { contract } from '../support/contract.ts'
import { aBatch, aLogId, anEntry, aSid, hourMs, later, noon } from '../support/fakes/builders.ts'
import { assert } from '../support/suite.ts'
import { race } from '../support/until.ts'

const fold = async (
  view: BlacklistView,
  entries: readonly ViewEntry[],
  over: Partial<ViewBatch> = {},
): Promise<void> => {
  const { fence } = await view.takeFence('auth.revocations', 0)
  assert.is(await view.apply(aBatch({ entries, fence, ...over })), 'applied')
}

const one = async (view: BlacklistView, key: RevocationKey): Promise<ViewEntry | undefined> =>
  (await view.find([key]))[0]

const about = (key: RevocationKey, cutoff: number, id: string, over: Partial<ViewEntry> = {}) =>
  anEntry({ key, cutoff, id: id as EventId, reason: `reason of ${id}`, ...over })

const keys: readonly RevocationKey[] = ['all', 'sub:ann', 'sub:bob', 'client:web', 'sid:s1']
/**
 * Few keys, cutoffs and ids, so that entries meet; an id always tells the same, as an event does
 * (I7).
 */
const arbitraryEntry = fc
  .record({
    key: fc.constantFrom(...keys),
    cutoff: fc.integer({ min: 0, max: 3 }),
    serial: fc.integer({ min: 0, max: 12 }),
  })
  .map(({ key, cutoff, serial }) =>
    about(key, cutoff, `${key}:${cutoff}:${serial}`, {
      cutoff: key.startsWith('sid:') ? null : cutoff,
      revokedAt: later(serial),
      expiresAt: later(hourMs + serial * 7),
      position: null,
    }),
  )

export const blacklistViewContract = contract<BlacklistView>('blacklist view', {
  'an entry is found by its key as it was applied; what is absent is left out': async (view) => {
    const sid = anEntry({ position: `${aLogId()}:4` })
    const cut = about('sub:ann', 3, 'u/ann:3:0')
    await fold(view, [sid, cut])
    const found = await view.find([`sid:${aSid()}`, cut.key, sid.key])
    assert.equal(
      [...found].sort((a, b) => (a.key < b.key ? -1 : 1)),
      [sid, cut],
    )
    assert.equal(await view.find([]), [])
  },

  'cutoff and expiry merge by maximum': async (view) => {
    await fold(view, [about('all', 5, 'all:5:0', { expiresAt: later(100) })])
    await fold(view, [about('all', 2, 'all:2:0', { expiresAt: later(900) })])
    const entry = await one(view, 'all')
    assert.equal(
      [entry?.cutoff, entry?.expiresAt, entry?.reason],
      [5, later(900), 'reason of all:5:0'],
    )
  },

  'the reason is that of the smallest id among the greatest cutoff': async (view) => {
    await fold(view, [about('all', 1, 'a'), about('all', 4, 'c'), about('all', 4, 'b')])
    const told = about('all', 4, 'd')
    await fold(view, [told])
    const entry = await one(view, 'all')
    assert.equal([entry?.id, entry?.reason, entry?.cutoff], ['b', 'reason of b', 4])
  },

  'duplicates and any order give the same content hash': async (view) => {
    const hashOf = async (batches: readonly (readonly ViewEntry[])[]): Promise<string> => {
      await view.forget('auth.revocations')
      for (const entries of batches) await fold(view, entries)
      return view.contentHash(noon)
    }
    const arbitrary = fc.array(arbitraryEntry, { minLength: 1, maxLength: 10 }).chain((entries) =>
      fc.record({
        entries: fc.constant(entries),
        again: fc.shuffledSubarray([...entries, ...entries], { minLength: entries.length * 2 }),
        cut: fc.integer({ min: 0, max: entries.length * 2 }),
      }),
    )
    await fc.assert(
      fc.asyncProperty(arbitrary, async ({ entries, again, cut }) => {
        const once = await hashOf([entries])
        const shuffled = await hashOf([again.slice(0, cut), again.slice(cut)])
        assert.is(shuffled, once)
      }),
      { numRuns: 25, seed: 20_260_101 },
    )
  },

  '50 racing batches about one key lose nothing': async (view) => {
    const { fence } = await view.takeFence('auth.revocations', 0)
    await race(50, (index) =>
      view.apply(
        aBatch({
          fence,
          entries: [
            about('all', index, `all:${index}:0`, { expiresAt: later(hourMs + 50 - index) }),
            anEntry({ key: `sid:${index}` }),
          ],
        }),
      ),
    )
    const entry = await one(view, 'all')
    assert.equal([entry?.cutoff, entry?.id, entry?.expiresAt], [49, 'all:49:0', later(hourMs + 50)])
    assert.is(await view.count(noon), 51)
  },

  'the content hash tells contents apart, and leaves out positions': async (view) => {
    const empty = await view.contentHash(noon)
    const entry = anEntry({ position: null })
    await fold(view, [entry])
    const told = await view.contentHash(noon)
    assert.is.not(told, empty)
    assert.match(told, /^[0-9a-f]{64}$/)
    await fold(view, [{ ...entry, position: `${aLogId()}:9` }])
    assert.is(await view.contentHash(noon), told)
    await fold(view, [about('all', 0, 'all:0:0')])
    assert.is.not(await view.contentHash(noon), told)
  },

  'what is expired counts neither in the hash nor in the count': async (view) => {
    const empty = await view.contentHash(noon)
    await fold(view, [anEntry({ expiresAt: later(1000) }), anEntry({ expiresAt: later(5000) })])
    assert.equal(
      [await view.count(noon), await view.count(later(2000)), await view.count(later(6000))],
      [2, 1, 0],
    )
    assert.is(await view.contentHash(later(6000)), empty)
    assert.is.not(await view.contentHash(later(2000)), empty)
  },

  'sweep deletes nothing that is alive, and at most as many as told': async (view) => {
    const alive = anEntry({ expiresAt: later(5000) })
    await fold(view, [alive, ...[1, 2, 3].map((ms) => anEntry({ expiresAt: later(ms) }))])
    for (let turn = 0; turn < 5; turn += 1) assert.ok((await view.sweep(later(1000), 2)) <= 2)
    assert.equal(await view.find([alive.key]), [alive])
    assert.is(await view.count(later(1000)), 1)
  },

  'a reader goes on where the checkpoint is, under the log that it read': async (view) => {
    const first = await view.takeFence('auth.revocations', 0)
    assert.equal([first.topic, first.partition], ['auth.revocations', 0])
    assert.equal([first.next, first.logId], [0, null])
    const logId = aLogId()
    const checkpoint = { topic: 'auth.revocations', partition: 0, next: 17 } as const
    await view.apply(aBatch({ checkpoint, logId, fence: first.fence }))
    const second = await view.takeFence('auth.revocations', 0)
    assert.equal([second.next, second.logId], [17, logId])
  },

  'who looks at a fence takes nothing from its holder': async (view) => {
    const absent = { topic: 'auth.events', partition: 2, fence: 0, next: 0, logId: null } as const
    assert.equal(await view.heldFence('auth.events', 2), absent)
    const { fence } = await view.takeFence('auth.events', 2)
    const checkpoint = { topic: 'auth.events', partition: 2, next: 9 } as const
    assert.equal(await view.heldFence('auth.events', 2), { ...absent, fence })
    assert.is(await view.apply(aBatch({ checkpoint, fence })), 'applied')
    assert.equal(await view.heldFence('auth.events', 2), { ...absent, fence, next: 9 })
  },

  'partitions and topics have checkpoints and fences of their own': async (view) => {
    const fence = await view.takeFence('auth.events', 3)
    const checkpoint = { topic: 'auth.events', partition: 3, next: 40 } as const
    await view.takeFence('auth.events', 4)
    await view.takeFence('auth.revocations', 0)
    assert.is(await view.apply(aBatch({ checkpoint, fence: fence.fence })), 'applied')
    assert.is((await view.takeFence('auth.events', 3)).next, 40)
    assert.is((await view.takeFence('auth.events', 4)).next, 0)
    assert.is((await view.takeFence('auth.revocations', 0)).next, 0)
  },

  'an earlier fence moves no checkpoint once a later one is taken': async (view) => {
    const zombie = await view.takeFence('auth.revocations', 0)
    const owner = await view.takeFence('auth.revocations', 0)
    const at = (next: number) => ({ topic: 'auth.revocations', partition: 0, next }) as const
    assert.is(await view.apply(aBatch({ checkpoint: at(5), fence: owner.fence })), 'applied')
    assert.is(await view.apply(aBatch({ checkpoint: at(90), fence: zombie.fence })), 'fenced')
    assert.is((await view.takeFence('auth.revocations', 0)).next, 5)
    assert.is(await view.apply(aBatch({ checkpoint: at(91), fence: owner.fence })), 'fenced')
  },

  'of 50 racing takers exactly one may apply': async (view) => {
    const fences = await race(50, () => view.takeFence('auth.revocations', 0))
    assert.is(new Set(fences.map(({ fence }) => fence)).size, 50)
    const outcomes = await Promise.all(
      fences.map(({ fence }, index) =>
        view.apply(
          aBatch({
            fence,
            checkpoint: { topic: 'auth.revocations', partition: 0, next: index + 1 },
          }),
        ),
      ),
    )
    assert.is(outcomes.filter((outcome) => outcome === 'applied').length, 1)
    assert.is((await view.takeFence('auth.revocations', 0)).next, outcomes.indexOf('applied') + 1)
  },

  'closed time is kept with its log and position': async (view) => {
    assert.is(await view.closed(), null)
    const logId = aLogId()
    const early = { t: noon, logId, position: `${logId}:1` }
    const late = { t: later(250), logId, position: `${logId}:2` }
    await fold(view, [], { closed: early, logId })
    assert.equal(await view.closed(), early)
    await fold(view, [], { closed: late, logId })
    assert.equal(await view.closed(), late)
    await fold(view, [anEntry()], { closed: null, logId })
    assert.equal(await view.closed(), late)
  },

  'forget takes one topic back to nothing, and leaves the other': async (view) => {
    const rotated = anEntry({ key: 'jti:rotated', reason: 'rotated' })
    const events = await view.takeFence('auth.events', 1)
    await view.apply(
      aBatch({
        entries: [rotated],
        fence: events.fence,
        checkpoint: { topic: 'auth.events', partition: 1, next: 8 },
      }),
    )
    const logId = aLogId()
    await fold(view, [anEntry({ key: 'sid:gone', position: `${logId}:0` })], {
      logId,
      closed: { t: noon, logId, position: `${logId}:1` },
      checkpoint: { topic: 'auth.revocations', partition: 0, next: 2 },
    })
    await view.forget('auth.revocations')
    assert.equal(await view.find(['sid:gone', 'jti:rotated']), [rotated])
    assert.is(await view.closed(), null)
    assert.is((await view.takeFence('auth.revocations', 0)).next, 0)
    assert.is((await view.takeFence('auth.events', 1)).next, 8)
  },

  'a fence from before a forget is worthless after it': async (view) => {
    const zombie = await view.takeFence('auth.revocations', 0)
    await view.forget('auth.revocations')
    const owner = await view.takeFence('auth.revocations', 0)
    assert.is(await view.apply(aBatch({ fence: zombie.fence })), 'fenced')
    assert.is(await view.apply(aBatch({ fence: owner.fence })), 'applied')
  },
})
