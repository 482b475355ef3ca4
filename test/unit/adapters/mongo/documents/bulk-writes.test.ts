import fc from 'fast-check'
import type { AnyBulkWriteOperation } from 'mongodb'
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
