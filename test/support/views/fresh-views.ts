import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLmdb } from '../../../shared/adapters/lmdb/environment/open-lmdb.ts'
import { lmdbBlacklistView } from '../../../shared/adapters/lmdb/views/blacklist-view.ts'
import { openMongo } from '../../../shared/adapters/mongo/connection/mongo-connection.ts'
import { mongoBlacklistView } from '../../../shared/adapters/mongo/views/blacklist-view.ts'
import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import { systemEntropy } from '../../../shared/kernel/entropy.ts'
import { silentLogger as logger } from '../../../shared/kernel/logger.ts'
import type { BlacklistView } from '../../../shared/ports/blacklist-view.ts'
import { closingWith } from '../processes/closing-with.ts'

/** An empty view in a folder of its own, which its `close` removes. */
export const freshLmdbView = async (): Promise<BlacklistView> => {
  const path = await mkdtemp(join(tmpdir(), 'curfew-view-'))
  const env = await openLmdb({ path, clock, logger })
  return closingWith(lmdbBlacklistView(env), async () => {
    await env.close()
    await rm(path, { recursive: true, force: true })
  })
}

/** An empty view in a database of its own, which its `close` drops. */
export const freshMongoView = (url: string) => async (): Promise<BlacklistView> => {
  const database = `view-${systemEntropy.bytes(6).toString('hex')}`
  const connection = await openMongo({ url, database, timeoutMs: 10_000, logger })
  return closingWith(mongoBlacklistView(connection), async () => {
    await connection.db.dropDatabase()
    await connection.close()
  })
}
