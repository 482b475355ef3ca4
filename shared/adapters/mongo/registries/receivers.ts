import { type Receiver, type Receivers, receiversMax } from '../../../ports/receivers.ts'

import { receiverOf, type StoredReceiver, storedReceiver } from '../../memory/receiver-format.ts'
import type { MongoConnection } from '../connection/mongo-connection.ts'
import { isDuplicateKey } from '../connection/mongo-errors.ts'

type ReceiverDocument = Omit<StoredReceiver, 'id'> & { _id: string }

const documentOf = (receiver: Receiver): ReceiverDocument => {
  const { id, ...rest } = storedReceiver(receiver)
  return { _id: id, ...rest }
}
const read = ({ _id: id, ...rest }: ReceiverDocument): Receiver => receiverOf({ id, ...rest })

/**
 * The receivers as the MongoDB collection `receivers`: one document each, found by `_id`, so it
 * needs no index.
 */
export const mongoReceivers = ({ db, callsOn }: MongoConnection): Receivers => {
  const storeCall = callsOn('receivers')
  const receivers = db.collection<ReceiverDocument>('receivers')
  return {
    create: (receiver) =>
      storeCall(async () => {
        if ((await receivers.countDocuments({})) >= receiversMax) {
          return (await receivers.findOne({ _id: receiver.id })) ? 'exists' : 'full'
        }
        try {
          await receivers.insertOne(documentOf(receiver))
          return 'created'
        } catch (error) {
          if (isDuplicateKey(error)) return 'exists'
          throw error
        }
      }),
    get: (id) =>
      storeCall(async () => {
        const found = await receivers.findOne({ _id: id })
        return found ? read(found) : null
      }),
    list: () =>
      storeCall(async () => (await receivers.find({}).sort({ _id: 1 }).toArray()).map(read)),
    replace: (receiver) =>
      storeCall(async () => {
        const { id, revision } = receiver
        const { _id, ...rest } = documentOf({ ...receiver, revision: revision + 1 })
        const { matchedCount } = await receivers.replaceOne({ _id, revision }, rest)
        if (matchedCount > 0) return 'replaced'
        return (await receivers.findOne({ _id: id })) ? 'stale' : 'absent'
      }),
    remove: (id) =>
      storeCall(async () => {
        await receivers.deleteOne({ _id: id })
      }),
    close: async () => {},
  }
}
