import { MongoClient } from 'mongodb'
import type { Said } from '../requests/visitor.ts'
import { type BlacklistDocument, blacklistQuery } from '../views/blacklist-query.ts'
import type { Site } from './site.ts'

/** The collection `blacklist`, asked as readers in other languages ask it. */
export class BlacklistReader {
  readonly #mongo: MongoClient
  readonly #database: string | undefined

  constructor({ fleet }: Pick<Site, 'fleet'>) {
    const address = fleet.env['CURFEW_MONGODB_URL'] ?? ''
    this.#mongo = new MongoClient(address, { serverSelectionTimeoutMS: 2_000 })
    this.#database = fleet.env['CURFEW_MONGODB_DATABASE']
  }

  /** Whether it ends the token; `false` also while nobody answers. */
  async ends(token: Said): Promise<boolean> {
    const collection = this.#mongo.db(this.#database).collection<BlacklistDocument>('blacklist')
    const found = await collection.findOne(blacklistQuery(token)).catch(() => null)
    return found !== null
  }

  close(): Promise<void> {
    return this.#mongo.close()
  }
}
