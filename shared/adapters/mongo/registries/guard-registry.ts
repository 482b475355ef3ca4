import type { GuardRegistry, GuardReport } from '../../../ports/guard-registry.ts'
import type { MongoConnection } from '../connection/mongo-connection.ts'
import { dateOf, epochOf } from '../documents/bson-time.ts'
import { retryingUpsert } from '../documents/upsert.ts'
import { indexedCalls } from '../indexes/indexes.ts'

type Document = Omit<GuardReport, 'closedTime' | 'reportedAt'> & {
  /** `client/instance`; neither holds a slash. */
  _id: string
  closedTime: Date | null
  reportedAt: Date
}

const documentOf = (report: GuardReport): Omit<Document, '_id'> => ({
  ...report,
  closedTime: report.closedTime === null ? null : dateOf(report.closedTime),
  reportedAt: dateOf(report.reportedAt),
})

const reportOf = ({ _id, closedTime, reportedAt, ...same }: Document): GuardReport => ({
  ...same,
  closedTime: closedTime && epochOf(closedTime),
  reportedAt: epochOf(reportedAt),
})

/**
 * The guard registry as the MongoDB collection `guards`: one document a guard, one update a report.
 * A TTL index deletes what is a day old.
 */
export const mongoGuardRegistry = (connection: MongoConnection): GuardRegistry => {
  const guards = connection.db.collection<Document>('guards')
  const { call } = indexedCalls(connection, 'guards')
  return {
    note: (report, { since, max }) =>
      call(async () => {
        const _id = `${report.client}/${report.instance}`
        const update = { $set: documentOf(report) }
        // A report that was overtaken changes nothing, and neither is it a new guard.
        const kept = await guards.findOne({ _id }, { projection: { reportedAt: 1 } })
        if (kept) {
          await guards.updateOne({ _id, reportedAt: { $lte: dateOf(report.reportedAt) } }, update)
          return 'noted'
        }
        const known = { client: report.client, reportedAt: { $gt: dateOf(since) } }
        if ((await guards.countDocuments(known, { limit: max })) >= max) return 'full'
        await retryingUpsert(() => guards.updateOne({ _id }, update, { upsert: true }))
        return 'noted'
      }),
    list: (since, limit) =>
      call(async () => {
        if (limit <= 0) return [] // MongoDB takes a limit of 0 as none.
        const found = guards
          .find({ reportedAt: { $gt: dateOf(since) } })
          .sort({ name: 1, _id: 1 })
          .limit(limit)
        return (await found.toArray()).map(reportOf)
      }),
    sweep: async () => 0,
    close: async () => {},
  }
}
