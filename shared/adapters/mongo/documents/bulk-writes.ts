import type { AnyBulkWriteOperation, Collection, Document } from 'mongodb'
import type { StoreCall } from '../connection/mongo-connection.ts'
import { AdaptiveBatchSize } from './adaptive-batch-size.ts'
import { retryingUpsert } from './upsert.ts'

/** 100 updates take half a second on a slow server: each request stays within one call's time. */
const bounds = { max: 100, min: 4, step: 4 }

/**
 * Unordered writes to one collection, in requests that the server answers in time: 291 revocations
 * were told again and again when each request with their marks timed out, and none was marked.
 */
export class BulkWrites<T extends Document> {
  readonly #collection: Pick<Collection<T>, 'bulkWrite'>
  readonly #call: StoreCall
  readonly #size = new AdaptiveBatchSize(bounds)

  constructor(collection: Pick<Collection<T>, 'bulkWrite'>, call: StoreCall) {
    this.#collection = collection
    this.#call = call
  }

  /**
   * One request after another; returns how many documents were deleted. Rejects as the first
   * request that fails, and what came before it is written.
   */
  async write(writes: readonly AnyBulkWriteOperation<T>[]): Promise<number> {
    let deleted = 0
    for (let at = 0; at < writes.length; ) {
      const part = writes.slice(at, at + this.#size.current)
      deleted += await this.#request(part)
      at += part.length
      // The rest of a list says nothing about more than it held.
      if (part.length === this.#size.current) this.#size.grow()
    }
    return deleted
  }

  async #request(part: AnyBulkWriteOperation<T>[]): Promise<number> {
    const send = () => this.#collection.bulkWrite(part, { ordered: false })
    try {
      return (await this.#call(() => retryingUpsert(send))).deletedCount
    } catch (error) {
      this.#size.shrinkBelow(part.length)
      throw error
    }
  }
}
