import { type Filter, MongoClient } from 'mongodb'
import type { Fleet } from '../processes/fleet.ts'
import type { Said } from '../requests/visitor.ts'

export type BlacklistDocument = { _id: string; cutoff: number | null; expiresAt: Date }

/** The query that the documentation gives to readers in other languages. */
export const blacklistQuery = (token: Said): Filter<BlacklistDocument> => {
  const { jti, sid, sub, client_id: client, epoch } = token
  return {
    _id: { $in: [`jti:${jti}`, `sid:${sid}`, `sub:${sub}`, `client:${client}`, 'all'] },
    $or: [
      { cutoff: null },
      { _id: `sub:${sub}`, cutoff: { $gt: epoch.sub } },
      { _id: `client:${client}`, cutoff: { $gt: epoch.client } },
      { _id: 'all', cutoff: { $gt: epoch.all } },
    ],
  }
}

/** That query on the driver alone: whether the collection `blacklist` ends the token. */
export const isBlacklisted = async (fleet: Fleet, token: Said): Promise<boolean> => {
  const address = fleet.env['CURFEW_MONGODB_URL'] ?? ''
  const mongo = new MongoClient(address, { serverSelectionTimeoutMS: 5_000 })
  try {
    const database = mongo.db(fleet.env['CURFEW_MONGODB_DATABASE'])
    const blacklist = database.collection<BlacklistDocument>('blacklist')
    return (await blacklist.findOne(blacklistQuery(token))) !== null
  } finally {
    await mongo.close()
  }
}
