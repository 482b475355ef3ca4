import { placesIn } from '../../../shared/adapters/audit-chunks/chunk-key.ts'
import { chunksOfBatch } from '../../../shared/adapters/audit-chunks/chunks-of-batch.ts'
import { everyEvent, termHash } from '../../../shared/adapters/audit-chunks/term-hash.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { IndexedEvent } from '../../../shared/ports/audit-index.ts'
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

claims('chunks of places', {
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
