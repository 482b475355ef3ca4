import fc from 'fast-check'
import {
  compressedStatuses,
  StatusBits,
} from '../../../../shared/tokens/status-list/status-bits.ts'
import { assert, claims } from '../../../support/suite.ts'
import { decodedStatuses, statusAt } from '../../../support/views/status-list-reader.ts'

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')

/** Token Status List, draft 20, 4.1 and its examples of lists of 1 and 2 bits. */
const published = {
  one: {
    bits: 1,
    statuses: [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1],
    bytes: bytes('b9a3'),
    lst: 'eNrbuRgAAhcBXQ',
  },
  two: {
    bits: 2,
    statuses: [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3],
    bytes: bytes('c944f9'),
    lst: bytes('78da3be9f2130003df0207').toString('base64url'),
  },
}

claims('The bits of a status list', {
  'are the published vectors, byte for byte': () => {
    for (const { bytes: given, lst } of Object.values(published)) {
      assert.is(compressedStatuses(given), lst)
    }
    const bits = new StatusBits(16)
    published.one.statuses.forEach((status, idx) => {
      if (status === 1) bits.invalidate(idx)
    })
    assert.is(bits.compressed(), published.one.lst)
  },

  'are read as the draft has them, by the reader that the tests use': () => {
    for (const { bits, statuses, bytes: packed, lst } of Object.values(published)) {
      const read = decodedStatuses(lst)
      assert.equal(Buffer.from(read), packed)
      assert.equal(
        statuses.map((_, idx) => statusAt(read, bits, idx)),
        statuses,
      )
      assert.throws(() => statusAt(read, bits, statuses.length), /not in the list/)
      assert.throws(() => statusAt(read, bits, -1), /not in the list/)
    }
  },

  'say INVALID of what was marked and of nothing else, whatever was marked': () => {
    const places = fc.integer({ min: 1, max: 64 }).chain((octets) => {
      const count = octets * 8
      return fc.tuple(
        fc.constant(count),
        fc.uniqueArray(fc.nat({ max: count - 1 }), { maxLength: count }),
      )
    })
    fc.assert(
      fc.property(places, ([count, marked]) => {
        const bits = new StatusBits(count)
        for (const idx of marked) bits.invalidate(idx)
        const read = decodedStatuses(bits.compressed())
        assert.is(read.length, count / 8)
        for (let idx = 0; idx < count; idx += 1) {
          assert.is(statusAt(read, 1, idx) === 1, marked.includes(idx))
          assert.is(bits.isInvalid(idx), marked.includes(idx))
        }
      }),
    )
  },

  'are all INVALID at once': () => {
    const bits = new StatusBits(24)
    bits.invalidateAll()
    assert.equal(Buffer.from(decodedStatuses(bits.compressed())), bytes('ffffff'))
  },
})
