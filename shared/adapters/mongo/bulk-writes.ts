import type { AnyBulkWriteOperation, Collection, Document } from 'mongodb'
import { upserting } from './bulk.ts'
import type { StoreCall } from './connection.ts'

/** 100 updates take half a second on a slow server: each request stays within one call's time. */
const sizeMax = 100
const sizeMin = 4
const step = 4

/**
 * Unordered writes to one collection, in requests that the server answers in time. A request that
 * failed halves those that come, and each that succeeded adds a few, so that work which is asked
 * for again gets on however slow the server is: requests of one size all timed out, 291 revocations
 * were told again and again, and none was marked.
 */
export class BulkWrites<T extends Document> {
  readonly #collection: Pick<Collection<T>, 'bulkWrite'>
  readonly #call: StoreCall
  #size = sizeMax

  constructor(collection: Pick<Collection<T>, 'bulkWrite'>, call: StoreCall) {
    this.#collection = collection
    this.#call = call
  }

  /** One request after another; returns how many documents were deleted. Rejects as the first
   * request that fails, and what came before it is written. */
  async write(writes: readonly AnyBulkWriteOperation<T>[]): Promise<number> {
    let deleted = 0
    for (let at = 0; at < writes.length; ) {
      const part = writes.slice(at, at + this.#size)
      deleted += await this.#request(part)
      at += part.length
      if (part.length === this.#size) this.#size = Math.min(sizeMax, this.#size + step)
    }
    return deleted
  }

  async #request(part: AnyBulkWriteOperation<T>[]): Promise<number> {
    const send = () => this.#collection.bulkWrite(part, { ordered: false })
    try {
      return (await this.#call(() => upserting(send))).deletedCount
    } catch (error) {
      this.#size = Math.max(sizeMin, Math.floor(part.length / 2))
      throw error
    }
  }
}
