import {
  type AnyBulkWriteOperation,
  type Collection,
  type Document,
  type InsertOneModel,
  MongoBulkWriteError,
} from 'mongodb'
import type { StoreCall } from '../connection/mongo-connection.ts'
import { isDuplicateKey } from '../connection/mongo-errors.ts'
import { AdaptiveBatchSize } from './adaptive-batch-size.ts'
import { retryingUpsert } from './upsert.ts'

/** 100 updates take half a second on a slow server: each request stays within one call's time. */
const writeBounds = { max: 100, min: 4, step: 4 }
/** An insert looks at nothing but its indexes: 5,000 to 7,000 a second on the same server. */
const insertBounds = { max: 1_000, min: 4, step: 40 }

/** A document that is most likely new, and the write that merges it into the one of its id. */
export type InsertOrWrite<T extends Document> = Readonly<{
  document: InsertOneModel<T>['document']
  otherwise: AnyBulkWriteOperation<T>
}>

/** The places of those whose id was taken. @throws what else went wrong */
const takenOf = (error: unknown): readonly number[] => {
  const isOnlyThat = error instanceof MongoBulkWriteError && isDuplicateKey(error)
  if (!isOnlyThat || error.result.getWriteConcernError()) throw error
  return [error.writeErrors].flat().map(({ index }) => index)
}

/**
 * Unordered writes to one collection, in requests that the server answers in time: 291 revocations
 * were told again and again when each request with their marks timed out, and none was marked.
 */
export class BulkWrites<T extends Document> {
  readonly #collection: Pick<Collection<T>, 'bulkWrite'>
  readonly #call: StoreCall
  readonly #writes = new AdaptiveBatchSize(writeBounds)
  readonly #inserts = new AdaptiveBatchSize(insertBounds)

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
    await this.#inParts(writes, this.#writes, async (part) => {
      const send = () => this.#collection.bulkWrite(part, { ordered: false })
      deleted += (await retryingUpsert(send)).deletedCount
    })
    return deleted
  }

  /**
   * As `write`. An insert takes the server less than an update that merges; where many documents
   * are there already, each of them costs both.
   */
  async insertOrWrite(writes: readonly InsertOrWrite<T>[]): Promise<void> {
    const taken: AnyBulkWriteOperation<T>[] = []
    await this.#inParts(writes, this.#inserts, async (part) => {
      const inserts = part.map(({ document }) => ({ insertOne: { document } }))
      const places = await this.#collection
        .bulkWrite(inserts, { ordered: false })
        .then(() => [], takenOf)
      taken.push(...places.flatMap((place) => part[place]?.otherwise ?? []))
    })
    await this.write(taken)
  }

  async #inParts<W>(
    writes: readonly W[],
    size: AdaptiveBatchSize,
    send: (part: W[]) => Promise<void>,
  ): Promise<void> {
    for (let at = 0; at < writes.length; ) {
      const part = writes.slice(at, at + size.current)
      try {
        await this.#call(() => send(part))
      } catch (error) {
        size.shrinkBelow(part.length)
        throw error
      }
      at += part.length
      // The rest of a list says nothing about more than it held.
      if (part.length === size.current) size.grow()
    }
  }
}
