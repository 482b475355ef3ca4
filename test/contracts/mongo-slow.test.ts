import { mongoEventStore } from '../../shared/adapters/mongo/commits/event-store.ts'
import {
  type MongoConnection,
  openMongo,
} from '../../shared/adapters/mongo/connection/mongo-connection.ts'
import type { NewCommit } from '../../shared/events/commit.ts'
import { systemClock as clock } from '../../shared/kernel/clock.ts'
import { systemEntropy } from '../../shared/kernel/entropy.ts'
import { AuthError } from '../../shared/kernel/errors.ts'
import type { EpochMs, LogId } from '../../shared/kernel/ids.ts'
import { silentLogger as logger } from '../../shared/kernel/logger.ts'
import type { EventStore } from '../../shared/ports/event-store.ts'
import { aLogId, aRevocationCommit, aRevoked, hourMs } from '../support/fakes/builders.ts'
import { notRun } from '../support/not-run.ts'
import { isMissing, useServers } from '../support/servers/servers.ts'
import { assert, claims } from '../support/suite.ts'

const inForce = (): NewCommit => {
  const expiresAt = (clock.now() + hourMs) as EpochMs
  return aRevocationCommit({ events: [aRevoked({ expiresAt })], expiresAt })
}

/** A server that has no time for the next so many calls. */
type Slow = Readonly<{ store: EventStore; hasNoTimeFor: (calls: number) => void }>

const onSlowServer = async (url: string, prove: (slow: Slow) => Promise<void>): Promise<void> => {
  const database = `slow-${systemEntropy.bytes(6).toString('hex')}`
  const connection = await openMongo({ url, database, timeoutMs: 30_000, logger })
  let late = 0
  const slow: MongoConnection = {
    ...connection,
    callsOn: (collection) => {
      const call = connection.callsOn(collection)
      return (work, ms) => {
        if (late === 0) return call(work, ms)
        late -= 1
        return Promise.reject(new AuthError('STORE_UNAVAILABLE', 'no answer in time'))
      }
    },
  }
  try {
    await prove({ store: mongoEventStore(slow), hasNoTimeFor: (calls) => (late = calls) })
  } finally {
    await connection.db.dropDatabase()
    await connection.close()
  }
}

type Scans = Readonly<{ told: number; pages: number; largest: number }>

/** As a relay does: scans, marks what was due at the log's end, and goes on until no more is. */
const relayed = async (store: EventStore, logId: LogId, from: number): Promise<Scans> => {
  let [told, pages, largest, more] = [0, 0, 0, true]
  while (more && pages < 200) {
    const scan = await store.relayScan(500, from)
    const marks = scan.revocations.map(({ id }, at) => ({ id, offset: from + told + at }))
    await store.markPublished(logId, marks)
    more = scan.more
    told += marks.length
    pages += 1
    largest = Math.max(largest, marks.length)
  }
  return { told, pages, largest }
}

const many = 90

const { mongo } = await useServers(['mongo'])
if (isMissing(mongo)) notRun('the event store on a slow MongoDB', mongo.missing)
else {
  claims('the relay on a MongoDB that had no time for its scans', {
    'reads less at once, says that there is more, and leaves nothing out': () =>
      onSlowServer(mongo.url, async ({ store, hasNoTimeFor }) => {
        const logId = await store.renewLogId(null, aLogId())
        for (let count = 0; count < many; count += 1) await store.append(inForce())
        hasNoTimeFor(8)
        for (let count = 0; count < 8; count += 1) {
          const code = await store.relayScan(500).catch(({ code }: AuthError) => code)
          assert.is(code, 'STORE_UNAVAILABLE')
        }
        const { told, pages, largest } = await relayed(store, logId, 0)
        assert.is(told, many)
        assert.ok(pages > 2 && largest < many, `${pages} pages, of up to ${largest}`)
      }),

    'does so with what was deleted from the log, and closes no time before all is told': () =>
      onSlowServer(mongo.url, async ({ store, hasNoTimeFor }) => {
        const logId = await store.renewLogId(null, aLogId())
        for (let count = 0; count < many; count += 1) await store.append(inForce())
        await relayed(store, logId, 0)
        hasNoTimeFor(8)
        for (let count = 0; count < 8; count += 1) await store.relayScan(500).catch(() => {})
        const first = await store.relayScan(500, many)
        assert.equal([first.more, first.revocations.length < many], [true, true])
        const { told, pages } = await relayed(store, logId, many)
        assert.is(told, many)
        assert.ok(pages > 1)
        const { revocations, more, low } = await store.relayScan(500, many)
        assert.equal([revocations, more, low], [[], false, many])
      }),
  })
}
