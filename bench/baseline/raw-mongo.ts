import { randomBytes } from 'node:crypto'
import { MongoClient } from 'mongodb'
import type { Closable } from '../../shared/kernel/lifecycle.ts'
import { sharedNowMs } from '../support/shared-clock.ts'

export type RawMongo = Closable &
  Readonly<{
    version: string
    readsPerSecond: (callers: number, ms: number) => Promise<number>
    writesPerSecond: (callers: number, ms: number) => Promise<number>
    /** One majority insert after another, in ms each. */
    writeLatencies: (count: number) => Promise<number[]>
  }>

type Doc = { _id: string; body: string }

const body = 'x'.repeat(1_000)
const newDoc = (): Doc => ({ _id: randomBytes(12).toString('hex'), body })

const perSecond = async (
  callers: number,
  ms: number,
  call: () => Promise<unknown>,
): Promise<number> => {
  const startedMs = sharedNowMs()
  let done = 0
  const caller = async (): Promise<void> => {
    while (sharedNowMs() - startedMs < ms) {
      await call()
      done += 1
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return (done / (sharedNowMs() - startedMs)) * 1_000
}

/** The driver alone on the same server: what every figure taken on that server starts from. */
export const openRawMongo = async (url: string, database: string): Promise<RawMongo> => {
  const client = new MongoClient(url)
  const db = client.db(database)
  const docs = db.collection<Doc>('raw', { writeConcern: { w: 'majority' } })
  const { version } = await db.admin().command({ buildInfo: 1 })
  const known = newDoc()
  await docs.insertOne(known)
  const write = (): Promise<unknown> => docs.insertOne(newDoc())
  return {
    version: String(version),
    readsPerSecond: (callers, ms) => perSecond(callers, ms, () => docs.findOne({ _id: known._id })),
    writesPerSecond: (callers, ms) => perSecond(callers, ms, write),
    writeLatencies: async (count) => {
      const taken: number[] = []
      while (taken.length < count) {
        const startedMs = sharedNowMs()
        await write()
        taken.push(sharedNowMs() - startedMs)
      }
      return taken
    },
    close: async () => {
      await db.dropDatabase()
      await client.close()
    },
  }
}
