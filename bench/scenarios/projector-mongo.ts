import { type Document, MongoClient } from 'mongodb'
import { openMongo } from '../../shared/adapters/mongo/connection/mongo-connection.ts'
import { mongoBlacklistView } from '../../shared/adapters/mongo/views/blacklist-view.ts'
import { mongoSessionList } from '../../shared/adapters/mongo/views/session-list.ts'
import { systemEntropy } from '../../shared/kernel/entropy.ts'
import { silentLogger as logger } from '../../shared/kernel/logger.ts'
import type { EventLog } from '../../shared/ports/event-log.ts'
import { putDocumentsS } from '../baseline/mongo-puts.ts'
import type { Bench, Finding, Scenario } from '../scenario.ts'
import { ratios } from '../statistics.ts'
import { eventLogOf } from '../support/event-log-of.ts'
import { paragraph } from '../support/paragraph.ts'
import { projectedS } from '../support/projected.ts'
import { tempFolder } from '../support/temp-folder.ts'

const events = 60_000
const quickEvents = 1_000
const bulkShareMin = 0.9
const collections = ['blacklist', 'sessions'] as const
/** A slow server must not end the run: what is measured is how long it takes. */
const timeoutMs = 60_000

const projectS = async (
  bench: Bench,
  log: EventLog,
  url: string,
  database: string,
): Promise<number> => {
  const connection = await openMongo({ url, database, timeoutMs, logger, clock: bench.clock })
  try {
    const views = { view: mongoBlacklistView(connection), sessions: mongoSessionList(connection) }
    return await projectedS(bench, log, views)
  } finally {
    await connection.close()
  }
}

type Rates = Readonly<{ projected: number[]; put: number[] }>

const oneRepeat = async (
  bench: Bench,
  log: EventLog,
  count: number,
  { projected, put }: Rates,
): Promise<void> => {
  const url = bench.servers.mongo?.url ?? ''
  const name = `bench-${systemEntropy.bytes(4).toString('hex')}`
  const client = new MongoClient(url)
  const [views, raw] = [client.db(`${name}-views`), client.db(`${name}-raw`)]
  try {
    projected.push(count / (await projectS(bench, log, url, views.databaseName)))
    let seconds = 0
    for (const collection of collections) {
      const documents = await views.collection<Document>(collection).find().toArray()
      const from = views.collection(collection)
      seconds += await putDocumentsS(documents, { from, to: raw.collection(collection) })
    }
    put.push(count / seconds)
  } finally {
    await views.dropDatabase()
    await raw.dropDatabase()
    await client.close()
  }
}

const measure = async (bench: Bench): Promise<Finding> => {
  const { parts, quick, repeats, say, servers } = bench
  const count = quick ? quickEvents : events
  const { path } = await parts.use(await tempFolder())
  const log = await eventLogOf(bench, path, count)
  const rates: Rates = { projected: [], put: [] }
  for (let repeat = 1; repeat <= repeats; repeat += 1) {
    await oneRepeat(bench, log, count, rates)
    const told = [rates.projected, rates.put].map((all) => Math.round(all.at(-1) ?? 0))
    say(`repeat ${repeat}: projected, put: ${told.join(', ')} events a second`)
  }
  return {
    rows: [
      { measure: 'projected: events', unit: 'per s', repeats: rates.projected },
      { measure: 'bulk writes of what came of them: events', unit: 'per s', repeats: rates.put },
      {
        ...{ measure: 'projected / bulk writes', unit: '×', command: 'projector into MongoDB' },
        ...{ beside: 'the driver’s best bulk write', target: { atLeast: bulkShareMin } },
        repeats: ratios(rates.projected, rates.put),
      },
    ],
    notes: [
      paragraph(
        `${count} events in an embedded log: sessions that rotate ten times, each rotation told by`,
        'two events. A projector folds them into an empty blacklist and an empty session list.',
      ),
      paragraph(
        'Beside it stands what the driver takes for the finished documents: unordered bulk writes',
        'of 1,000 inserts, to collections with the same indexes on the same server, with the same',
        'write concern. It reads no log and merges nothing.',
      ),
      ...(servers.mongo?.control
        ? ['The server is SecantusDB, a slow stand-in for MongoDB: read the ratio alone.']
        : []),
    ],
  }
}

export const projectorMongo: Scenario = {
  name: 'projector-mongo',
  claim: `A projector writes MongoDB at least ${bulkShareMin} × as fast as the driver can.`,
  needs: ['mongo'],
  measure,
}
