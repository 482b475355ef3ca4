import type { IndexDescription } from 'mongodb'
import { AuthError } from '../../kernel/errors.ts'
import { within } from '../../kernel/retry.ts'
import { isListed, isPublished } from './commit-document.ts'
import { longWorkMs, type MongoConnection } from './connection.ts'
import { unavailable } from './store-errors.ts'

export type CollectionName = 'commits' | 'blacklist' | 'users' | 'limits' | 'sessions' | 'guards'

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
      name: 'unpublished_revocations',
      key: { unpublished: 1, at: 1 },
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
      name: 'remembered',
      // Of what a commit tells, revocations alone have that member.
      key: { kind: 1, 'events.data.expiresAt': 1 },
      partialFilterExpression: { kind: 'r' },
    },
  ],
  blacklist: [{ name: 'expired', key: { expiresAt: 1 }, expireAfterSeconds: viewGraceSeconds }],
  users: [
    { name: 'username', key: { username: 1 }, unique: true },
    { name: 'due', key: { 'due.claim': 1 }, partialFilterExpression: hasDue },
  ],
  limits: [{ name: 'over', key: { until: 1 }, expireAfterSeconds: 0 }],
  sessions: [
    { name: 'started', key: { sub: 1, 'first.at': -1, _id: -1 } },
    { name: 'forgotten', key: { keepUntil: 1 }, expireAfterSeconds: 0 },
  ],
  guards: [{ name: 'silent', key: { reportedAt: 1 }, expireAfterSeconds: 86_400 }],
}

const create = (connection: MongoConnection, name: CollectionName): Promise<void> =>
  connection.storeCall(async () => {
    await connection.db.collection(name).createIndexes([...indexes[name]])
  }, longWorkMs)

/**
 * Creates every index that is missing, and waits for it; for an administrator's command before a
 * first start or an upgrade. The ports do it by themselves too, at their first call. Rejects with
 * STORE_UNAVAILABLE.
 */
export const ensureIndexes = async (connection: MongoConnection): Promise<void> => {
  for (const name of Object.keys(indexes) as CollectionName[]) await create(connection, name)
}

export type IndexedCalls = Readonly<{
  /** As `storeCall` of the connection, after a first try at the indexes. */
  call: MongoConnection['storeCall']
  /** Resolves when the indexes are there; for what is wrong without them. */
  ready(): Promise<void>
}>

/**
 * Calls on one collection, whose indexes are made at the first use; a failed try is repeated by a
 * later call. A call waits for them half its time at most and then does without: they make things
 * fast or clean up, and on a grown collection (an upgrade) or without a quorum they take long.
 */
export const indexedCalls = (connection: MongoConnection, name: CollectionName): IndexedCalls => {
  const { clock, logger, storeCall, timeoutMs } = connection
  let making: Promise<void> | null = null
  let made = false
  const attempt = async (): Promise<void> => {
    try {
      await create(connection, name)
      made = true
    } catch (error) {
      making = null
      const reason = error instanceof AuthError ? error.message : 'unknown'
      logger.warn({ collection: name, reason }, 'indexes are not made yet')
      throw error
    }
  }
  const ready = (): Promise<void> => {
    making ??= attempt()
    return making
  }
  const tried = (): Promise<void> =>
    within(clock, timeoutMs / 2, ready(), () => unavailable('indexes are slow')).catch(() => {})
  return {
    ready,
    call: (work, ms) =>
      storeCall(async () => {
        if (!made) await tried()
        return work()
      }, ms),
  }
}
