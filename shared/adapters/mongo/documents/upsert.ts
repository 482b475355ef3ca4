import type {
  ClientSession,
  Collection,
  Document,
  Filter,
  MatchKeysAndValues,
  UpdateFilter,
  WithId,
} from 'mongodb'
import { isDuplicateKey, unavailable } from '../connection/mongo-errors.ts'

const tries = 4
/**
 * Repeats an idempotent upsert that lost a race for the insert: the document is there now, so the
 * next try updates it (MongoDB manual, "Upsert with unique index"). The server repeats by itself
 * only in some of these cases.
 */
export const retryingUpsert = async <T>(upsert: () => Promise<T>): Promise<T> => {
  for (let tried = 1; ; tried += 1) {
    try {
      return await upsert()
    } catch (error) {
      if (tried === tries || !isDuplicateKey(error)) throw error
    }
  }
}

type Upsert<T extends Document> = Readonly<{
  id: WithId<T>['_id']
  /** What the document begins with. */
  seed: MatchKeysAndValues<T>
  update: UpdateFilter<T> | Document[]
  session?: ClientSession
}>

/**
 * Updates one document by its id, after making it where there is none, and returns it as it is
 * then. Not one findAndModify with `upsert`: of those that race for the insert, SecantusDB 0.7.0b3
 * updates but answers null.
 */
export const updateOrInsert = async <T extends Document>(
  collection: Collection<T>,
  { id, seed, update, ...options }: Upsert<T>,
): Promise<WithId<T>> => {
  const filter = { _id: id } as Filter<T>
  for (let tried = 1; tried <= tries; tried += 1) {
    const found = await collection.findOneAndUpdate(filter, update, {
      ...options,
      returnDocument: 'after',
    })
    if (found) return found
    await retryingUpsert(() =>
      collection.updateOne(filter, { $setOnInsert: seed }, { ...options, upsert: true }),
    )
  }
  throw unavailable(`a document of ${collection.collectionName} is deleted again and again`)
}
