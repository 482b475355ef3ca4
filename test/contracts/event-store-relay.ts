import type { Commit, NewCommit } from '../../shared/events/commit.ts'
import type { EpochMs, EventId, StreamId } from '../../shared/kernel/ids.ts'
import type { EventStore, RelayScan } from '../../shared/ports/event-store.ts'
import { contract } from '../support/contract.ts'
import {
  aCommit,
  aCutoffCommit,
  aLogId,
  aRevocationCommit,
  aSid,
  hourMs,
} from '../support/fakes/builders.ts'
import { assert } from '../support/suite.ts'
import { race } from '../support/until.ts'

const claimsOf = (commits: readonly NewCommit[]): string[] =>
  commits.map(({ claim }) => claim as string).sort()
const holds = (commits: readonly Commit[], wanted: NewCommit): boolean =>
  commits.some(({ claim }) => claim === wanted.claim)
const firstId = 's/x:1:0' as EventId

/** What the relay rests on: the tick, the scan after it, the marks, and the log's identity. */
export const eventStoreRelayContract = contract<EventStore>('event store for the relay', {
  'a new store has a tick without a log': async (store) => {
    const { tick, revocations, more } = await store.relayScan(10)
    assert.ok(tick.t > 0)
    assert.equal({ ...tick, t: 0 }, { t: 0, logId: null, acknowledged: null, closed: 0 })
    assert.equal([revocations, more], [[], false])
  },

  'the tick never goes back, also among racing scans': async (store) => {
    let last = 0
    for (let turn = 0; turn < 5; turn += 1) {
      const scans = await race(10, () => store.relayScan(1))
      for (const { tick } of scans) assert.ok(tick.t >= last, `${tick.t} came after ${last}`)
      last = Math.max(...scans.map(({ tick }) => tick.t))
    }
  },

  'a scan holds unpublished revocations and no other commits': async (store) => {
    const wanted = [aRevocationCommit(), aCutoffCommit(), aCutoffCommit({ s: 'all' })]
    for (const commit of [aCommit(), ...wanted]) await store.append(commit)
    const { revocations, more } = await store.relayScan(10)
    assert.equal(claimsOf(revocations), claimsOf(wanted))
    assert.is(more, false)
  },

  'a scan sees every append that was acknowledged before it began': async (store) => {
    await race(25, async () => {
      const commit = aRevocationCommit()
      await store.append(commit)
      const { revocations } = await store.relayScan(1000)
      assert.ok(holds(revocations, commit), 'an acknowledged revocation is missing')
    })
  },

  'a scan with a later tick holds all that was acknowledged at an earlier one': async (store) => {
    const scans: RelayScan[] = []
    const acknowledged: Readonly<{ commit: NewCommit; at: EpochMs }>[] = []
    await race(8, async () => {
      for (let turn = 0; turn < 4; turn += 1) {
        const commit = aRevocationCommit()
        await store.append(commit)
        // The tick is written after the acknowledgement, so the append was acknowledged before `at`
        // or at it.
        const scan = await store.relayScan(1000)
        scans.push(scan)
        acknowledged.push({ commit, at: scan.tick.t })
      }
    })
    for (const { tick, revocations } of scans) {
      const due = acknowledged.filter(({ at }) => at < tick.t)
      for (const { commit } of due) assert.ok(holds(revocations, commit), 'closed time would lie')
    }
  },

  'a scan beyond its limit says that there is more, and what is marked makes room': async (
    store,
  ) => {
    const commits = Array.from({ length: 5 }, () => aRevocationCommit())
    for (const commit of commits) await store.append(commit)
    const logId = aLogId()
    const seen: Commit[] = []
    for (let turn = 0; turn < 10 && seen.length < 5; turn += 1) {
      const { revocations, more } = await store.relayScan(2)
      assert.ok(revocations.length <= 2)
      assert.ok(more || seen.length + revocations.length === 5)
      await store.markPublished(
        logId,
        revocations.map(({ id }) => ({ id, offset: 1 })),
      )
      seen.push(...revocations)
    }
    assert.equal(claimsOf(seen), claimsOf(commits))
    const after = await store.relayScan(2)
    assert.equal([after.revocations, after.more], [[], false])
  },

  'a mark says where the commit lies, and takes it out of both scans': async (store) => {
    const revocation = aRevocationCommit()
    const other = aCommit()
    const untouched = aRevocationCommit()
    for (const commit of [revocation, other, untouched]) await store.append(commit)
    const logId = aLogId()
    await store.markPublished(logId, [
      { id: revocation.id, offset: 7 },
      { id: other.id, offset: null },
    ])
    assert.equal(
      (await store.heads([revocation.id.s, other.id.s, untouched.id.s])).map(
        (head) => head?.published,
      ),
      [{ logId, offset: 7 }, { logId, offset: null }, null],
    )
    assert.equal(claimsOf((await store.relayScan(10)).revocations), claimsOf([untouched]))
    const { t } = (await store.relayScan(1)).tick
    const before = Math.max(t, other.at) + 60_000
    assert.equal(await store.unpublishedOthers(before as EpochMs, 10), [])
  },

  'marks repeat without harm, and a mark on nothing makes nothing': async (store) => {
    const commit = aRevocationCommit()
    await store.append(commit)
    const logId = aLogId()
    const absent: StreamId = `s/${aSid()}`
    const marks = [
      { id: commit.id, offset: 3 },
      { id: { s: absent, v: 0 }, offset: 4 },
    ]
    await store.markPublished(logId, marks)
    await store.markPublished(logId, marks)
    await store.markPublished(logId, [])
    assert.equal((await store.heads([commit.id.s]))[0]?.published, { logId, offset: 3 })
    assert.equal(await store.heads([absent]), [null])
    assert.equal(await store.append(aCommit({ s: absent })), { outcome: 'appended' })
  },

  'other unpublished commits come oldest first, only from before the instant': async (
    store,
    { clock },
  ) => {
    const now = clock.now()
    const commits = [60_000, 40_000, 20_000].map((ago) => aCommit({ at: (now - ago) as EpochMs }))
    for (const commit of [...commits, aRevocationCommit()]) await store.append(commit)
    const others = await store.unpublishedOthers((now + hourMs) as EpochMs, 10)
    assert.equal(
      others.map(({ claim }) => claim),
      commits.map(({ claim }) => claim),
    )
    assert.is((await store.unpublishedOthers((now + hourMs) as EpochMs, 2)).length, 2)
    assert.equal(await store.unpublishedOthers((now - hourMs) as EpochMs, 10), [])
  },

  'the log gets its identity once, whoever asks': async (store) => {
    const ids = await race(50, () => store.renewLogId(null, aLogId()))
    assert.is(new Set(ids).size, 1)
    assert.is((await store.relayScan(1)).tick.logId, ids[0])
  },

  'a new identity starts over; one that expects another is shown the one in force': async (
    store,
  ) => {
    const [first, second] = [aLogId(), aLogId()]
    await store.renewLogId(null, first)
    await store.noteAcknowledged(first, { offset: 9, id: firstId })
    await store.noteClosed(first, 1000 as EpochMs)
    assert.is(await store.renewLogId(aLogId(), aLogId()), first)
    const before = (await store.relayScan(1)).tick
    assert.equal([before.acknowledged?.offset, before.closed], [9, 1000])
    assert.is(await store.renewLogId(first, second), second)
    const { t: _, ...tick } = (await store.relayScan(1)).tick
    assert.equal(tick, { logId: second, acknowledged: null, closed: 0 })
    assert.is(await store.renewLogId(first, aLogId()), second)
  },

  'what is acknowledged only rises, and only under the identity in force': async (store) => {
    const logId = await store.renewLogId(null, aLogId())
    const note = (offset: number, under = logId) =>
      store.noteAcknowledged(under, { offset, id: `s/x:${offset}:0` as EventId })
    await note(5)
    await note(3)
    await note(99, aLogId())
    assert.equal((await store.relayScan(1)).tick.acknowledged, { offset: 5, id: 's/x:5:0' })
    await race(50, (index) => note(index))
    assert.equal((await store.relayScan(1)).tick.acknowledged, { offset: 49, id: 's/x:49:0' })
  },

  'closed time only rises, and only under the identity in force': async (store) => {
    const logId = await store.renewLogId(null, aLogId())
    await race(50, (index) => store.noteClosed(logId, (1000 + index) as EpochMs))
    await store.noteClosed(logId, 500 as EpochMs)
    await store.noteClosed(aLogId(), 9000 as EpochMs)
    assert.is((await store.relayScan(1)).tick.closed, 1049)
  },
})
