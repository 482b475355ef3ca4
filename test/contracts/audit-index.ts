import fc from 'fast-check'
import { openMemoryAuditIndex } from '../../shared/adapters/memory/audit-index.ts'
import type { RawRecord } from '../../shared/events/log-record.ts'
import type { EpochMs } from '../../shared/kernel/ids.ts'
import type {
  AuditIndex,
  AuditPlace,
  AuditQuery,
  FoundEvent,
  IndexedEvent,
  Lane,
} from '../../shared/ports/audit-index.ts'
import { contract } from '../support/contract.ts'
import { later } from '../support/fakes/builders.ts'
import { assert } from '../support/suite.ts'
import { race } from '../support/until.ts'

/** An index with the log that it points into; `publish` gives the offset of a record. */
export type AuditWorld = AuditIndex &
  Readonly<{
    publish: (id: string) => Promise<RawRecord>
    /** Of one drawn question, of a slow server; absent: as many as there are. */
    pagesMax?: number
  }>

type Happened = Readonly<{ id: string; at: EpochMs; terms: readonly string[] }>

const everything: AuditQuery = {
  ...{ terms: [], since: null, until: null, order: 'newest', after: null, limit: 100 },
}

const publishedBy = async (
  { publish }: AuditWorld,
  happened: readonly Happened[],
): Promise<IndexedEvent[]> => {
  const events: IndexedEvent[] = []
  for (const { id, at, terms } of happened) events.push({ at, terms, record: await publish(id) })
  return events
}

const nextAfter = (events: readonly IndexedEvent[]) => ({
  next: (events.at(-1)?.record.offset ?? -1) + 1,
  lastId: idOf(events.at(-1)?.record),
})
const idOf = (record: RawRecord | undefined): string | null => record?.headers['ce_id'] ?? null
const idsOf = (events: readonly FoundEvent[]) => events.map(({ record }) => idOf(record))

/** Tells of what happened, as one batch. */
const tell = async (
  world: AuditWorld,
  { lane }: Lane,
  happened: readonly Happened[],
): Promise<readonly IndexedEvent[]> => {
  const events = await publishedBy(world, happened)
  await world.add({ lane, events, ...nextAfter(events) })
  return events
}

const allPages = async (index: AuditIndex, query: AuditQuery): Promise<FoundEvent[]> => {
  const found: FoundEvent[] = []
  let after: AuditPlace | null = null
  do {
    const { events, next } = await index.page({ ...query, after })
    assert.ok(events.length <= query.limit)
    found.push(...events)
    assert.ok(found.length < 10_000, 'a page repeats itself')
    after = next
  } while (after !== null)
  return found
}

const terms = ['user:a', 'user:b', 'kind:x', 'kind:y', 'address:z'] as const
const drawnEvent = fc.record({
  // Some within one bucket, some days apart; some of one instant.
  after: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 3 * 86_400_000 })),
  id: fc.integer({ min: 0, max: 30 }),
  terms: fc.subarray([...terms]),
})

/** The same id has the same time and terms: it is the same event, told twice. */
const happenedOf = (
  drawn: readonly { after: number; id: number; terms: readonly string[] }[],
): Happened[] => {
  const first = new Map<number, Happened>()
  return drawn.map(({ after, id, terms: told }) => {
    const one = first.get(id) ?? { id: `x/${id}:0:0`, at: later(after), terms: told }
    first.set(id, one)
    return one
  })
}

export const auditIndexContract = contract<AuditWorld>('audit index', {
  'an event is found by each of its terms, and by no other': async (world) => {
    const lane = await world.openLane(0, 1)
    const happened = [
      { id: 'a', at: later(1), terms: ['user:a', 'kind:x'] },
      { id: 'b', at: later(2), terms: ['user:a', 'kind:y'] },
      { id: 'c', at: later(3), terms: ['user:b', 'kind:x'] },
    ]
    await tell(world, lane, happened)
    const found = async (...wanted: string[]) =>
      idsOf((await world.page({ ...everything, terms: wanted })).events)
    assert.equal(await found(), ['c', 'b', 'a'])
    assert.equal(await found('user:a'), ['b', 'a'])
    assert.equal(await found('user:a', 'kind:x'), ['a'])
    assert.equal(await found('user:c'), [])
    assert.equal(await found('user:b', 'kind:y'), [])
  },

  'a record comes back as it was read': async (world) => {
    const lane = await world.openLane(0, 1)
    const [told] = await tell(world, lane, [{ id: 'a', at: later(1), terms: [] }])
    const { events } = await world.page(everything)
    assert.equal(events[0]?.record, told?.record)
  },

  'drawn events, filters and pages are answered as by the model': async (world) => {
    let drawnBefore = 0
    const lane = await world.openLane(0, 1)
    const model = openMemoryAuditIndex()
    await model.openLane(0, 1)
    await fc.assert(
      fc.asyncProperty(
        fc.array(drawnEvent, { minLength: 1, maxLength: 12 }),
        fc.subarray([...terms]),
        fc.constantFrom('newest' as const, 'oldest' as const),
        fc.integer({ min: 1, max: 5 }),
        fc.option(fc.integer({ min: 0, max: 40 })),
        fc.option(fc.integer({ min: 0, max: 86_400_000 })),
        async (drawn, wanted, order, limit, since, until) => {
          drawnBefore += 1
          const happened = happenedOf(drawn).map((one) => ({
            ...one,
            id: `${drawnBefore}${one.id}`,
          }))
          const events = await publishedBy(world, happened)
          const batch = { lane: lane.lane, events, ...nextAfter(events) }
          await world.add(batch)
          await model.add({ ...batch, lane: 0 })
          const query: AuditQuery = {
            ...{ terms: wanted, order, limit, after: null },
            since: since === null ? null : later(since),
            until: until === null ? null : later(until),
          }
          const expected = idsOf(await allPages(model, query))
          const pagesMax = world.pagesMax ?? Number.POSITIVE_INFINITY
          const few = Math.max(limit, Math.ceil(expected.length / pagesMax))
          assert.equal(idsOf(await allPages(world, { ...query, limit: few })), expected)
        },
      ),
      { numRuns: 40, seed: 20_261_130 },
    )
  },

  'a batch that is told again, whole or in other parts, changes nothing': async (world) => {
    const { lane } = await world.openLane(0, 1)
    const happened = [0, 1, 2, 3, 4].map((n) => ({ id: `e${n}`, at: later(n), terms: ['user:a'] }))
    const events = await publishedBy(world, happened)
    const part = (from: number, to: number) => {
      const some = events.slice(from, to)
      return world.add({ lane, events: some, ...nextAfter(some) })
    }
    await part(0, 3)
    await part(0, 5)
    await part(0, 2)
    await race(4, () => part(0, 5))
    assert.is((await world.lanes()).at(-1)?.next, (events.at(-1)?.record.offset ?? 0) + 1)
    const found = await allPages(world, { ...everything, terms: ['user:a'], limit: 2 })
    assert.equal(idsOf(found), ['e4', 'e3', 'e2', 'e1', 'e0'])
  },

  'a lane keeps its terms, and up to when the newest writer saw all of the log in it': async (
    world,
  ) => {
    const lane = await world.openLane(0, 7)
    assert.equal([lane.terms, lane.through], [7, null])
    const events = await tell(world, lane, [{ id: 'a', at: later(1), terms: [] }])
    const end = { lane: lane.lane, events: [], ...nextAfter(events) }
    const through = async () => (await world.lanes()).at(-1)?.through
    await world.add({ ...end, through: later(20) })
    assert.is(await through(), later(20))
    await world.add({ ...end, through: later(10) })
    await world.add(end)
    assert.is(await through(), later(20), 'what was seen stays')
    await world.add({ ...end, next: 0, lastId: null, through: later(30) })
    const [kept] = await world.lanes()
    assert.equal(kept, { ...lane, ...nextAfter(events), through: later(30) })
  },

  'a lane goes on where its last batch ended, and a new one begins anew': async (world) => {
    const first = await world.openLane(3, 1)
    assert.equal([first.partition, first.next, first.lastId], [3, 0, null])
    const events = await tell(world, first, [{ id: 'a', at: later(1), terms: [] }])
    const [kept] = await world.lanes()
    assert.equal(kept, { ...first, ...nextAfter(events) })
    const second = await world.openLane(3, 1)
    assert.ok(second.lane > first.lane)
    assert.equal(await world.lanes(), [kept, second])
  },

  'arrivals come as they were told, whatever their times, and none is left out': async (world) => {
    const lane = await world.openLane(0, 1)
    const none = await world.arrivals(new Map(), 10)
    assert.equal([none.records.length, none.more], [0, false])
    await tell(
      world,
      lane,
      [1, 2, 3].map((n) => ({ id: `e${n}`, at: later(n), terms: [] })),
    )
    const first = await world.arrivals(none.arrived, 2)
    assert.equal([first.records.map(idOf), first.more], [['e1', 'e2'], true])
    // It happened long before, and is told of now.
    await tell(world, lane, [{ id: 'late', at: later(-86_400_000), terms: [] }])
    const second = await world.arrivals(first.arrived, 10)
    assert.equal([second.records.map(idOf), second.more], [['e3', 'late'], false])
    assert.equal((await world.arrivals(second.arrived, 10)).records, [])
  },

  'what is older than wanted is dropped in small parts, and nothing else': async (world) => {
    const lane = await world.openLane(0, 1)
    const dayMs = 86_400_000
    const happened = [0, 1, 2, 3, 4, 5].map((n) => ({
      ...{ id: `e${n}`, at: later(n * dayMs) },
      terms: ['user:a', `user:${n}`],
    }))
    const told = new Map<string, readonly string[]>()
    for (const event of happened) {
      await tell(world, lane, [event])
      told.set(event.id, event.terms)
    }
    const termsOf = (record: RawRecord) => told.get(idOf(record) ?? '') ?? []
    let runs = 0
    while ((await world.drop(later(3 * dayMs), 1, termsOf)) > 0) runs += 1
    assert.is(runs, 3)
    for (const wanted of [[], ['user:a']]) {
      const found = await allPages(world, { ...everything, terms: wanted })
      assert.equal(idsOf(found), ['e5', 'e4', 'e3'])
    }
    assert.equal((await world.page({ ...everything, terms: ['user:1'] })).events, [])
    assert.is((await world.page({ ...everything, terms: ['user:5'] })).events.length, 1)
  },
})
