import type { KeyOwner } from '../../../events/personal-fields.ts'
import type { Erasure, PersonalKeys } from '../../../ports/personal-keys.ts'
import type { MongoConnection } from '../connection/mongo-connection.ts'
import { isDuplicateKey } from '../connection/mongo-errors.ts'
import { dateOf, epochOf } from '../documents/bson-time.ts'
import { retryingUpsert } from '../documents/upsert.ts'
import { indexedCalls } from '../indexes/indexes.ts'

/** One document an owner: a key, or what is remembered of its erasure. Never both. */
type Document = {
  _id: KeyOwner
  wrapped?: string
  erasedAt?: Date
  by?: string | null
  /** There only as long as it is, so that the partial index holds nothing else. */
  open?: true
}

const notErased = { erasedAt: { $exists: false } } as const

const erasureOf = ({ _id: owner, erasedAt, by = null, open }: Document): Erasure[] =>
  erasedAt === undefined ? [] : [{ owner, at: epochOf(erasedAt), by, open: open ?? false }]

/** The keys of persons as the MongoDB collection `personalKeys`. */
export const mongoPersonalKeys = (connection: MongoConnection): PersonalKeys => {
  const keys = connection.db.collection<Document>('personalKeys')
  const { call } = indexedCalls(connection, 'personalKeys')
  const erasureIn = (owner: KeyOwner): Promise<Erasure | null> =>
    call(async () => {
      const found = await keys.findOne({ _id: owner })
      return (found && erasureOf(found)[0]) ?? null
    })
  return {
    obtain: (owner, made) =>
      call(async () => {
        const known = await keys.findOne({ _id: owner })
        if (known) return known.wrapped ?? null
        const update = { $setOnInsert: { wrapped: made } }
        await retryingUpsert(() => keys.updateOne({ _id: owner }, update, { upsert: true }))
        return (await keys.findOne({ _id: owner }))?.wrapped ?? null
      }),
    find: (owners) =>
      call(async () => {
        const found = await keys.find({ _id: { $in: [...owners] } }).toArray()
        const wrapped = new Map(found.map((document) => [document._id, document.wrapped]))
        return owners.map((owner) => wrapped.get(owner) ?? null)
      }),
    erase: async ({ owner, at, by, open }) => {
      const set = { erasedAt: dateOf(at), by, ...(open && { open: true as const }) }
      const update = { $set: set, $unset: { wrapped: '' as const } }
      for (;;) {
        const outcome = await call(() =>
          keys.updateOne({ _id: owner, ...notErased }, update, { upsert: true }).then(
            () => 'erased' as const,
            (error: unknown) => {
              if (isDuplicateKey(error)) return null
              throw error
            },
          ),
        )
        if (outcome !== null) return outcome
        // It is there and erased, or its key was made in between.
        if (await erasureIn(owner)) return 'before'
      }
    },
    erasure: erasureIn,
    openErasures: (limit) =>
      call(async () => {
        if (limit <= 0) return [] // MongoDB takes a limit of 0 as none.
        return (await keys.find({ open: true }).limit(limit).toArray()).flatMap(erasureOf)
      }),
    settle: (owner) =>
      call(async () => {
        await keys.updateOne({ _id: owner }, { $unset: { open: '' } })
      }),
    dropDays: (day) =>
      call(async () => {
        const old = { _id: { $gte: 'day:' as KeyOwner, $lt: `day:${day}` as KeyOwner } }
        return (await keys.deleteMany(old)).deletedCount
      }),
    close: async () => {},
  }
}
