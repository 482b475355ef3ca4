import type { Collection, Document, IndexDescription } from 'mongodb'
import { sharedNowMs } from '../support/shared-clock.ts'

const batch = 1_000

const sameIndexes = async (from: Collection, to: Collection): Promise<void> => {
  for (const { v: _v, ns: _ns, ...index } of await from.indexes()) {
    if (index.name !== '_id_') await to.createIndexes([index as IndexDescription])
  }
}

type Places = Readonly<{ from: Collection; to: Collection }>

/** Seconds to insert documents in the largest requests that make sense, durably by a majority. */
export const putDocumentsS = async (
  documents: readonly Document[],
  { from, to }: Places,
): Promise<number> => {
  await sameIndexes(from, to)
  const writeConcern = { w: 'majority', journal: true } as const
  const beganMs = sharedNowMs()
  for (let at = 0; at < documents.length; at += batch) {
    const inserts = documents.slice(at, at + batch).map((document) => ({ insertOne: { document } }))
    await to.bulkWrite(inserts, { ordered: false, writeConcern })
  }
  return (sharedNowMs() - beganMs) / 1_000
}
