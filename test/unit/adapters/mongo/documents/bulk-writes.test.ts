import fc from 'fast-check'
import { type AnyBulkWriteOperation, MongoBulkWriteError } from 'mongodb'
import type { StoreCall } from '../../../../../shared/adapters/mongo/connection/mongo-connection.ts'
import { BulkWrites } from '../../../../../shared/adapters/mongo/documents/bulk-writes.ts'
import { AuthError } from '../../../../../shared/kernel/errors.ts'
import { assert, claims } from '../../../../support/suite.ts'

type Item = { _id: number }
type Written = AnyBulkWriteOperation<Item>

const call: StoreCall = (work) => work()
const deletion = (_id: number): Written => ({ deleteOne: { filter: { _id } } })
const idOf = (write: Written): number =>
  'deleteOne' in write ? Number((write.deleteOne.filter as Item)._id) : -1

/** A server that has no time for requests of more than `most()` writes. */
const slowServer = (most: () => number) => {
  const done = new Set<number>()
  const sizes: number[] = []
  const bulkWrite = async (part: readonly Written[]) => {
    sizes.push(part.length)
    if (part.length > most()) throw new AuthError('STORE_UNAVAILABLE', 'no answer in time')
    for (const write of part) done.add(idOf(write))
    return { deletedCount: part.length }
  }
  const bulk = new BulkWrites<Item>({ bulkWrite } as never, call)
  return { bulk, done, sizes }
}

/** A bulk of `inserts` found these places taken; `other` is what else went wrong. */
const takenError = (places: readonly number[], other: 'nothing' | 'a write' | 'the concern') => {
  const found = places.map((index) => ({ index, code: 11_000 }))
  const failed = other === 'a write' ? [...found, { index: 0, code: 50 }] : found
  const concern = other === 'the concern' ? { code: 64 } : undefined
  const said = { message: 'taken', code: 11_000, writeErrors: failed as never }
  return new MongoBulkWriteError(said, { getWriteConcernError: () => concern } as never)
}

/** A server that has some documents already, and how it fails besides. */
const serverWith = (there: readonly number[], fails: Parameters<typeof takenError>[1]) => {
  const inserted: number[] = []
  const merged: number[] = []
  const bulkWrite = async (part: readonly Written[]) => {
    const taken: number[] = []
    for (const [place, write] of part.entries()) {
      if ('deleteOne' in write) merged.push(idOf(write))
      else if ('insertOne' in write && write.insertOne.document._id !== undefined) {
        if (there.includes(write.insertOne.document._id)) taken.push(place)
        else inserted.push(write.insertOne.document._id)
      }
    }
    if (taken.length > 0) throw takenError(taken, fails)
    return { deletedCount: 0 }
  }
  const bulk = new BulkWrites<Item>({ bulkWrite } as never, call)
  const documents = Array.from({ length: 2_500 }, (_, _id) => ({ _id }))
  const told = documents.map((document) => ({ document, otherwise: deletion(document._id) }))
  return { inserted, merged, writing: bulk.insertOrWrite(told) }
}

claims('documents that are mostly new', {
  'are inserted, and those that are there already are merged': async () => {
    const { inserted, merged, writing } = serverWith([3, 1_001, 2_499], 'nothing')
    await writing
    assert.equal(merged, [3, 1_001, 2_499])
    assert.is(inserted.length, 2_497)
  },

  'are not taken for written where anything else went wrong': async () => {
    for (const fails of ['a write', 'the concern'] as const) {
      const { merged, writing } = serverWith([3], fails)
      const error = await writing.catch((thrown: unknown) => thrown)
      assert.instance(error, MongoBulkWriteError)
      assert.equal(merged, [])
    }
  },
})

claims('writes in bulk', {
  'are all done at last, however few the server has time for, by asking again for what is left':
    () =>
      fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 600 }),
          fc.array(fc.integer({ min: 4, max: 120 }), { minLength: 1, maxLength: 30 }),
          async (count, most) => {
            let asked = 0
            const { bulk, done, sizes } = slowServer(() => most[asked % most.length] ?? 4)
            const all = Array.from({ length: count }, (_, index) => index)
            // As the relay does: what is not written is read again, and asked for again.
            for (asked = 0; done.size < count; asked += 1) {
              assert.ok(asked < 200, `${done.size} of ${count} after 200 times`)
              const left = all.filter((id) => !done.has(id)).map(deletion)
              await bulk.write(left).catch(() => {})
            }
            assert.ok(Math.max(...sizes) <= 100)
          },
        ),
        { numRuns: 50 },
      ),

  'go by the hundred where the server has time, in order, and say how many were deleted':
    async () => {
      const { bulk, done, sizes } = slowServer(() => 100)
      const deleted = await bulk.write(Array.from({ length: 250 }, (_, index) => deletion(index)))
      assert.equal([deleted, sizes], [250, [100, 100, 50]])
      assert.equal([...done].slice(0, 3), [0, 1, 2])
    },

  'keep what was written before a request failed, and say that it failed': async () => {
    let most = 100
    const { bulk, done } = slowServer(() => most)
    const writes = Array.from({ length: 400 }, (_, index) => deletion(index))
    most = 60
    const code = await bulk.write(writes).catch(({ code }: AuthError) => code)
    assert.equal([code, done.size], ['STORE_UNAVAILABLE', 0])
    const second = await bulk.write(writes).catch(({ code }: AuthError) => code)
    assert.equal([second, done.size], ['STORE_UNAVAILABLE', 162])
  },
})
