import { MongoClient } from 'mongodb'
import type { Fleet } from './fleet.ts'
import type { Said } from './visitor.ts'

type Entry = { _id: string; cutoff: number | null; expiresAt: Date }

/**
 * The query that the documentation gives to readers in other languages, on the driver alone:
 * whether the collection `blacklist` ends the token.
 */
export const isBlacklisted = async (fleet: Fleet, token: Said): Promise<boolean> => {
  const { jti, sid, sub, client_id: client, epoch } = token
  const address = fleet.env['CURFEW_MONGODB_URL'] ?? ''
  const mongo = new MongoClient(address, { serverSelectionTimeoutMS: 5_000 })
  try {
    const database = mongo.db(fleet.env['CURFEW_MONGODB_DATABASE'])
    const found = await database.collection<Entry>('blacklist').findOne({
      $or: [
        { _id: { $in: [`jti:${jti}`, `sid:${sid}`] } },
        { _id: `sub:${sub}`, cutoff: { $gt: epoch.sub } },
        { _id: `client:${client}`, cutoff: { $gt: epoch.client } },
        { _id: 'all', cutoff: { $gt: epoch.all } },
      ],
    })
    return found !== null
  } finally {
    await mongo.close()
  }
}
