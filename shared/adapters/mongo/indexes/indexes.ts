import type { IndexDescription } from 'mongodb'
import { AuthError } from '../../../kernel/errors.ts'
import { withTimeout } from '../../../kernel/retry.ts'
import { longWorkMs, type MongoConnection, type StoreCall } from '../connection/mongo-connection.ts'
import { isDuplicateKey, unavailable } from '../connection/mongo-errors.ts'
import { isListed, isPublished } from '../documents/commit-document.ts'

export type CollectionName =
  | 'commits'
  | 'blacklist'
  | 'users'
  | 'limits'
  | 'sessions'
  | 'guards'
  | 'personalKeys'

// The view's entries outlive `expiresAt` by this much: a database clock that is fast must not drop
// a live one.
const viewGraceSeconds = 3600

/** In the words of the partial index; any string is greater than the empty one. */
export const hasDue = { 'due.claim': { $gt: '' } } as const

/**
 * Every index beyond `_id`. An index that changes gets a new name: MongoDB refuses another
 * definition under an old one. Partial filters keep to what the manual allows and SecantusDB uses
 * too: equality, comparisons.
 */
const indexes: Readonly<Record<CollectionName, readonly IndexDescription[]>> = {
  commits: [
    { name: 'stream', key: { '_id.s': 1, '_id.v': -1 } },
    {
      name: 'expired',
      key: { expiresAt: 1 },
      expireAfterSeconds: 0,
      // What is not yet told is never deleted.
      partialFilterExpression: isPublished,
    },
    {
      name: 'unpublished_revocations_in_order',
      key: { unpublished: 1, at: 1, _id: 1 },
      partialFilterExpression: { unpublished: 'r' },
    },
    {
      name: 'unpublished_others',
      key: { unpublished: 1, at: 1, _id: 1 },
      partialFilterExpression: { unpublished: 'o' },
    },
    { name: 'revocations', key: { kind: 1, _id: 1 }, partialFilterExpression: { kind: 'r' } },
    {
      name: 'superseded_unlisted',
      key: { superseded: 1, 'listed.until': 1, at: 1 },
      partialFilterExpression: { superseded: true },
    },
    { name: 'listed', key: { 'listed.list': 1, _id: 1 }, partialFilterExpression: isListed },
    {
      name: 'told',
      // A member that is not there counts as null in an index.
      key: { over: 1, 'published.logId': 1, 'published.offset': 1 },
      partialFilterExpression: { kind: 'r' },
    },
    {
      name: 'remembered',
      // Among the events of a commit only revocations have this member.
      key: { kind: 1, 'events.data.expiresAt': 1 },
      partialFilterExpression: { kind: 'r' },
    },
  ],
  blacklist: [{ name: 'expired', key: { expiresAt: 1 }, expireAfterSeconds: viewGraceSeconds }],
  users: [
    { name: 'username', key: { username: 1 }, unique: true },
    {
      name: 'email',
      key: { email: 1 },
      unique: true,
      partialFilterExpression: { email: { $exists: true } },
    },
    { name: 'due', key: { 'due.claim': 1 }, partialFilterExpression: hasDue },
  ],
  limits: [{ name: 'over', key: { until: 1 }, expireAfterSeconds: 0 }],
  sessions: [
    { name: 'started', key: { sub: 1, 'first.at': -1, _id: -1 } },
    { name: 'forgotten', key: { keepUntil: 1 }, expireAfterSeconds: 0 },
  ],
  guards: [{ name: 'silent', key: { reportedAt: 1 }, expireAfterSeconds: 86_400 }],
  personalKeys: [{ name: 'open', key: { open: 1 }, partialFilterExpression: { open: true } }],
}

const create = async (connection: MongoConnection, name: CollectionName): Promise<void> => {
  const work = async (): Promise<void> => {
    try {
      await connection.db.collection(name).createIndexes([...indexes[name]])
    } catch (error) {
      if (!isDuplicateKey(error)) throw error
      const what = `two documents of ${name} have a value that its index takes once`
      throw new AuthError('STORE_MISCONFIGURED', `MongoDB: ${what}; delete one`, { cause: error })
    }
  }
  await connection.callsOn(name)(work, longWorkMs)
}

/**
 * Creates every index that is missing, and waits for it; for an administrator's command before a
 * first start or an upgrade. The ports do it by themselves too, at their first call. Rejects with
 * STORE_UNAVAILABLE and the like.
 */
export const ensureIndexes = async (connection: MongoConnection): Promise<void> => {
  for (const name of Object.keys(indexes) as CollectionName[]) await create(connection, name)
}

const firstWaitMs = 500
const waitMsMax = 5_000

/** Makes the indexes of one collection, again with backoff until they are there. */
class IndexMaker {
  readonly #connection: MongoConnection
  readonly #name: CollectionName
  #first: Promise<void> | null = null
  /** Settles with the try that is under way, or with the last one. */
  #attempt: Promise<void> = Promise.resolve()
  made = false

  constructor(connection: MongoConnection, name: CollectionName) {
    this.#connection = connection
    this.#name = name
  }

  /** Begins at the first call; settles with the first try. */
  first(): Promise<void> {
    if (!this.#first) {
      this.#first = this.#try()
      this.#first.catch(() => void this.#goOn())
    }
    return this.#first
  }

  /** Resolves when they are there; rejects with why the newest try failed. */
  async ready(): Promise<void> {
    await this.first().catch(() => {})
    await this.#attempt
  }

  #try(): Promise<void> {
    const { indexTroubles, logger } = this.#connection
    const name = this.#name
    const attempt = create(this.#connection, name).then(
      () => {
        this.made = true
        if (indexTroubles.delete(name)) logger.info({ collection: name }, 'indexes are made')
      },
      (error: AuthError) => {
        // What waiting mends is no news of the indexes: each call says it.
        if (error.retriable) indexTroubles.delete(name)
        else indexTroubles.set(name, error)
        throw error
      },
    )
    attempt.catch(() => {})
    this.#attempt = attempt
    return attempt
  }

  async #goOn(): Promise<void> {
    const { clock, closing } = this.#connection
    let waitMs = firstWaitMs
    while (!this.made && !closing.aborted) {
      await clock.sleep(waitMs, closing)
      if (closing.aborted) return
      await this.#try().catch(() => {})
      waitMs = Math.min(waitMs * 2, waitMsMax)
    }
  }
}

export type IndexedCalls = Readonly<{
  /** As a call on the collection, after a first try at the indexes. */
  call: StoreCall
  /** Resolves when the indexes are there, for what is wrong without them; rejects with why not. */
  ready(): Promise<void>
}>

/**
 * Calls on one collection, whose indexes are made at the first use; a failed try is repeated in the
 * background. A call waits for the first one half its time at most and then does without: they make
 * things fast or clean up, and on a grown collection (an upgrade) or without a quorum they take
 * long.
 */
export const indexedCalls = (connection: MongoConnection, name: CollectionName): IndexedCalls => {
  const { clock, timeoutMs, callsOn } = connection
  const maker = new IndexMaker(connection, name)
  const storeCall = callsOn(name)
  const late = (): Error => unavailable('indexes are slow')
  const tried = (): Promise<void> =>
    withTimeout(clock, timeoutMs / 2, maker.first(), late).catch(() => {})
  return {
    ready: () => maker.ready(),
    call: (work, ms) =>
      storeCall(async () => {
        if (!maker.made) await tried()
        return work()
      }, ms),
  }
}
