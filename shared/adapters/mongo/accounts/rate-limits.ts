import type { Document } from 'mongodb'
import { isStoreFailure } from '../../../kernel/errors.ts'
import type { RateLimits, RateRule, Verdict } from '../../../ports/rate-limits.ts'
import { openMemoryRateLimits } from '../../memory/rate-limits.ts'
import type { MongoConnection } from '../connection/mongo-connection.ts'
import { updateOrInsert } from '../documents/upsert.ts'
import { indexedCalls } from '../indexes/indexes.ts'

/** One window of one key; `at` and `allowed` are those of the newest attempt. */
type LimitDocument = {
  _id: { rule: string; key: string }
  until: Date
  taken: number
  at: Date
  allowed: boolean
}

/**
 * The server's clock rules, so gateways whose clocks differ share one window. A refused attempt
 * takes no point.
 */
const takeUpdate = ({ points, windowMs }: RateRule): Document[] => {
  // As numbers: SecantusDB 0.7.0b3, on which the tests run, compares a stored Date with `$$NOW`
  // wrongly.
  const open = { $gt: [{ $toLong: '$until' }, { $toLong: '$$NOW' }] }
  return [
    {
      $set: {
        until: { $cond: [open, '$until', { $add: ['$$NOW', windowMs] }] },
        taken: { $cond: [open, '$taken', 0] },
        at: '$$NOW',
      },
    },
    { $set: { allowed: { $lt: ['$taken', points] } } },
    { $set: { taken: { $add: ['$taken', { $cond: ['$allowed', 1, 0] }] } } },
  ]
}

const verdictOf = ({ allowed, until, at }: LimitDocument): Verdict => ({
  allowed,
  retryAfterMs: allowed ? 0 : Math.max(1, until.getTime() - at.getTime()),
})

/**
 * Rate limits as the MongoDB collection `limits`, shared by all gateways: one atomic update an
 * attempt. Written with w:1, since counts need not survive a crash. While MongoDB is away `local`
 * counts in this process: a limit that fell with the store would invite felling it.
 * (rate-limiter-flexible's MongoDB limiter goes by each gateway's clock, and lets refused attempts
 * take points, which `giveBack` could not undo.)
 */
export const mongoRateLimits = (
  connection: MongoConnection,
  local: RateLimits = openMemoryRateLimits({ clock: connection.clock }),
): RateLimits => {
  const limits = connection.db.collection<LimitDocument>('limits', { writeConcern: { w: 1 } })
  const { call } = indexedCalls(connection, 'limits')
  const orLocally = async <T>(work: () => Promise<T>, without: () => Promise<T>): Promise<T> => {
    try {
      return await call(work)
    } catch (error) {
      if (isStoreFailure(error)) return without()
      throw error
    }
  }
  const idOf = ({ name }: RateRule, key: string): LimitDocument['_id'] => ({ rule: name, key })
  return {
    take: (rule, key) =>
      orLocally(
        async () => {
          const taken = await updateOrInsert(limits, {
            id: idOf(rule, key),
            seed: { taken: 0 },
            update: takeUpdate(rule),
          })
          return verdictOf(taken)
        },
        () => local.take(rule, key),
      ),

    giveBack: (rule, key) =>
      orLocally(
        async () => {
          await limits.updateOne(
            { _id: idOf(rule, key), taken: { $gt: 0 } },
            { $inc: { taken: -1 } },
          )
        },
        () => local.giveBack(rule, key),
      ),

    close: () => local.close(),
  }
}
