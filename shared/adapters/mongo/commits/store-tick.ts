import type { ClientSession, Collection, Document } from 'mongodb'
import type { EpochMs, LogId } from '../../../kernel/ids.ts'
import type { EventStore, RelayState } from '../../../ports/event-store.ts'
import type { MongoConnection } from '../connection/mongo-connection.ts'
import { unavailable } from '../connection/mongo-errors.ts'
import { retryingUpsert, updateOrInsert } from '../documents/upsert.ts'

/**
 * The one document that all relays share. Absent fields count as null, and as 0 for the instants.
 */
type TickDocument = {
  _id: 'tick'
  t?: number
  logId?: LogId | null
  acknowledged?: RelayState['acknowledged']
  closed?: EpochMs
}

const ticksOf = ({ db }: MongoConnection): Collection<TickDocument> =>
  db.collection<TickDocument>('relay')

const tickOf = ({ t, logId, acknowledged, closed }: TickDocument): RelayState => ({
  t: (t ?? 0) as EpochMs,
  logId: logId ?? null,
  acknowledged: acknowledged ?? null,
  closed: closed ?? (0 as EpochMs),
})

// `$max` passes over a missing field, so the first tick is the server's clock.
const advance: Document[] = [{ $set: { t: { $max: [{ $toLong: '$$NOW' }, '$t'] } } }]

/**
 * Moves `t` to the primary's clock, never back; majority-acknowledged, so a deposed primary cannot
 * answer.
 */
export const advanceTick = async (
  connection: MongoConnection,
  session: ClientSession,
): Promise<RelayState> =>
  tickOf(
    await updateOrInsert(ticksOf(connection), {
      id: 'tick',
      seed: { t: 0 },
      update: advance,
      session,
    }),
  )

type TickMethods = Pick<EventStore, 'noteAcknowledged' | 'noteClosed' | 'renewLogId'>

export const tickMethods = (connection: MongoConnection): TickMethods => {
  const ticks = ticksOf(connection)
  const call = connection.callsOn('relay')
  return {
    noteAcknowledged: (logId, { offset, id }) =>
      call(async () => {
        await ticks.updateOne(
          {
            _id: 'tick',
            logId,
            $or: [{ acknowledged: null }, { 'acknowledged.offset': { $lt: offset } }],
          },
          { $set: { acknowledged: { offset, id } } },
        )
      }),

    noteClosed: (logId, t) =>
      call(async () => {
        await ticks.updateOne({ _id: 'tick', logId }, { $max: { closed: t } })
      }),

    renewLogId: (expected, next) =>
      call(async () => {
        await retryingUpsert(() =>
          ticks.updateOne({ _id: 'tick' }, { $max: { t: 0 } }, { upsert: true }),
        )
        await ticks.updateOne(
          // An absent id counts as the expected one: the collection may have been emptied under us.
          { _id: 'tick', $or: [{ logId: expected }, { logId: null }] },
          { $set: { logId: next, acknowledged: null, closed: 0 as EpochMs } },
        )
        const inForce = (await ticks.findOne({ _id: 'tick' }))?.logId
        if (!inForce) throw unavailable('the tick document is gone')
        return inForce
      }),
  }
}
