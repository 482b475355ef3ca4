import { openMongo } from '../../../shared/adapters/mongo/connection/mongo-connection.ts'
import { ensureIndexes } from '../../../shared/adapters/mongo/indexes/indexes.ts'
import { systemEntropy } from '../../../shared/kernel/entropy.ts'
import { silentLogger as logger } from '../../../shared/kernel/logger.ts'
import { notRun } from '../../support/not-run.ts'
import { isMissing, useServers } from '../../support/servers/servers.ts'
import { assert, claims } from '../../support/suite.ts'

type Index = Readonly<{
  name?: string
  key: object
  expireAfterSeconds?: number
  partialFilterExpression?: object
}>

const inDatabase = async (
  url: string,
  prove: (connection: Awaited<ReturnType<typeof openMongo>>) => Promise<void>,
): Promise<void> => {
  const database = `no-cron-${systemEntropy.bytes(6).toString('hex')}`
  const connection = await openMongo({ url, database, timeoutMs: 30_000, logger })
  try {
    await prove(connection)
  } finally {
    await connection.db.dropDatabase()
    await connection.close()
  }
}

const { mongo } = await useServers(['mongo'])
if (isMissing(mongo)) notRun('clean-up on mongo', mongo.missing)
else {
  const { url } = mongo
  claims('without a cron job, on MongoDB', {
    'the database itself deletes what expired, by these indexes': () =>
      inDatabase(url, async (connection) => {
        await ensureIndexes(connection)
        const ttlOf = async (collection: string): Promise<unknown> => {
          const found = (await connection.db.collection(collection).indexes()) as Index[]
          return found
            .filter(({ expireAfterSeconds }) => expireAfterSeconds !== undefined)
            .map(({ key, expireAfterSeconds, partialFilterExpression: only = null }) => {
              return { key, expireAfterSeconds: Number(expireAfterSeconds), only }
            })
        }
        const of = (field: string, seconds: number, only: object | null = null) => [
          { key: { [field]: 1 }, expireAfterSeconds: seconds, only },
        ]
        // What no reader was told of yet must not go, however old it is.
        const told = { 'published.logId': { $gt: '' } }
        assert.equal(await ttlOf('commits'), of('expiresAt', 0, told))
        // An hour late: a database whose clock is fast must not drop a live revocation.
        assert.equal(await ttlOf('blacklist'), of('expiresAt', 3_600))
        assert.equal(await ttlOf('limits'), of('until', 0))
        assert.equal(await ttlOf('sessions'), of('keepUntil', 0))
        assert.equal(await ttlOf('users'), [])
      }),
  })
}
