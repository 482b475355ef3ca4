import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLmdb } from '../../../shared/adapters/lmdb/environment/open-lmdb.ts'
import { lmdbBlacklistView } from '../../../shared/adapters/lmdb/views/blacklist-view.ts'
import { openMemoryBlacklistView } from '../../../shared/adapters/memory/blacklist-view.ts'
import { openMongo } from '../../../shared/adapters/mongo/connection/mongo-connection.ts'
import { mongoBlacklistView } from '../../../shared/adapters/mongo/views/blacklist-view.ts'
import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import { silentLogger as logger } from '../../../shared/kernel/logger.ts'
import { aJti } from '../../support/fakes/builders.ts'
import { notRun } from '../../support/not-run.ts'
import { isMissing, useServers } from '../../support/servers/servers.ts'
import { claims } from '../../support/suite.ts'
import { brokenFoldGoesRed, foldClaims, type OpenView } from './fold-claims.ts'

const onLmdb: OpenView = async () => {
  const path = await mkdtemp(join(tmpdir(), 'curfew-fold-'))
  const env = await openLmdb({ path, clock, logger })
  const close = async (): Promise<void> => {
    await env.close()
    await rm(path, { recursive: true, force: true })
  }
  return { ...lmdbBlacklistView(env), close }
}

claims('the view is a fold of the log, memory', {
  ...foldClaims(async () => openMemoryBlacklistView(), 50),
  'a view in which the last write wins goes red': () => brokenFoldGoesRed(10),
})
claims('the view is a fold of the log, lmdb', foldClaims(onLmdb, 20))

const { mongo } = await useServers(['mongo'])
if (isMissing(mongo)) notRun('folds on mongo', mongo.missing)
else {
  const onMongo: OpenView = async () => {
    const database = `fold-${aJti().slice(0, 12)}`
    const connection = await openMongo({ url: mongo.url, database, timeoutMs: 10_000, logger })
    const close = async (): Promise<void> => {
      await connection.db.dropDatabase()
      await connection.close()
    }
    return { ...mongoBlacklistView(connection), close }
  }
  claims('the view is a fold of the log, mongo', foldClaims(onMongo, 3))
}
