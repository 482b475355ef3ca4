import { placesIn } from '../../../shared/adapters/audit-chunks/chunk-key.ts'
import type { ChunkTables } from '../../../shared/adapters/audit-chunks/chunk-tables.ts'
import { chunksOfBatch } from '../../../shared/adapters/audit-chunks/chunks-of-batch.ts'
import { pageOfEvents } from '../../../shared/adapters/audit-chunks/page-of-events.ts'
import { everyEvent, termHash } from '../../../shared/adapters/audit-chunks/term-hash.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { AuditQuery, IndexedEvent } from '../../../shared/ports/audit-index.ts'
import { memoryChunkTables } from '../../support/fakes/memory-chunk-tables.ts'
import { assert, claims } from '../../support/suite.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const at = (ms: number) => (1_800_000_000_000 + ms) as EpochMs

const eventAt = (ms: number, offset: number, terms: readonly string[] = []): IndexedEvent => ({
  ...{ at: at(ms), terms },
  record: {
    ...{ topic: 'auth.events', partition: 0, offset, key: null, headers: {}, value: null },
  },
})
const chunksOf = (events: readonly IndexedEvent[]) =>
  chunksOfBatch({ lane: 2, events, next: 0, lastId: null })

/** The same tables; each call is counted. */
const counted = (tables: ChunkTables): Readonly<{ tables: ChunkTables; calls: () => number }> => {
  let calls = 0
  const count = <Given extends readonly unknown[], Answer>(call: (...given: Given) => Answer) => {
    return (...given: Given): Answer => {
      calls += 1
      return call(...given)
    }
  }
  const reading = {
    range: count(tables.range),
    under: count(tables.under),
    records: count(tables.records),
  }
  return { tables: { ...tables, ...reading }, calls: () => calls }
}

/** Calls of one page, of so many events that are `apartMs` from each other. */
const callsOfPage = async (
  [count, apartMs]: readonly [number, number],
  { order, terms }: Pick<AuditQuery, 'order' | 'terms'>,
): Promise<Readonly<{ calls: number; found: number }>> => {
  const memory = memoryChunkTables()
  await memory.openLane(0, 1)
  const events = Array.from({ length: count }, (_, n) =>
    eventAt(n * apartMs, n, ['client:web', n % 2 === 0 ? 'kind:even' : 'kind:odd']),
  )
  await memory.write(
    { lane: 0, events, next: count, lastId: null },
    chunksOfBatch({
      ...{ lane: 0, events, next: count, lastId: null },
    }),
  )
  const { tables, calls } = counted(memory)
  const range = { since: null, until: null, after: null, limit: 100 }
  const page = await pageOfEvents(tables, { ...range, order, terms })
  return { calls: calls(), found: page.events.length }
}

claims('chunks of places', {
  'a page takes the same few calls of the database, however far apart and many its events are':
    async () => {
      for (const order of ['newest', 'oldest'] as const) {
        for (const terms of [[], ['client:web'], ['client:web', 'kind:odd']]) {
          for (const apartMs of [1, 700, 400_000]) {
            const few = await callsOfPage([600, apartMs], { order, terms })
            const many = await callsOfPage([1_200, apartMs], { order, terms })
            const asked = `${order}, ${terms.join(' ')}, each ${apartMs} ms`
            assert.is(few.found, 100, asked)
            assert.is(many.found, 100, asked)
            assert.ok(many.calls <= few.calls + 2, `${asked}: ${few.calls}, then ${many.calls}`)
            assert.ok(many.calls <= 24, `${asked}: ${many.calls} calls`)
          }
        }
      }
    },

  'their bytes are a stored format, and stay': () => {
    const chunks = chunksOf([eventAt(0, 41, ['user:a']), eventAt(5, 43, ['user:a'])])
    assert.equal(
      chunks.map(({ key, places }) => `${hex(key)} ${hex(places)}`),
      [
        '1aee8d83c14d68c61714000200000000290002 008510',
        'd831ae38f79f68c61714000200000000290002 008510',
      ],
    )
  },

  'the hash of a term stays, and differs from those of its neighbours': () => {
    const hashes = Array.from({ length: 20_000 }, (_, n) => hex(termHash(`user:${n}`)))
    assert.is(new Set(hashes).size, hashes.length)
    assert.equal(
      [hex(termHash(everyEvent)), hex(termHash('user:a'))],
      ['1aee8d83c14d', 'd831ae38f79f'],
    )
  },

  'each term has one chunk a bucket, whatever the order of times': () => {
    const events = [eventAt(3_000, 1), eventAt(0, 2), eventAt(3_001, 3), eventAt(1, 900_000)]
    const chunks = chunksOf(events)
    const places = chunks.flatMap(placesIn)
    assert.equal(
      places.map(({ offset }) => offset).sort((a, b) => a - b),
      [1, 2, 3, 900_000],
    )
    for (const { record, at: time } of events) {
      const place = places.find(({ offset }) => offset === record.offset)
      assert.equal(place, { at: time, lane: 2, offset: record.offset })
    }
    assert.is(chunks.length, 3, 'an offset that is too far has a chunk of its own')
  },
})
