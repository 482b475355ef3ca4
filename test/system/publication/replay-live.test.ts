import { openMemoryBlacklistView } from '../../../shared/adapters/memory/blacklist-view.ts'
import { notRun } from '../../support/not-run.ts'
import { findScale } from '../../support/scale.ts'
import { claims } from '../../support/suite.ts'
import { freshLmdbView, freshMongoView } from '../../support/views/fresh-views.ts'
import { replayClaims } from './replay-claims.ts'

const here = { memory: async () => openMemoryBlacklistView(), lmdb: freshLmdbView }
claims('replay of a live log, on LMDB', replayClaims(null, here))

const found = await findScale()
if ('missing' in found) notRun('replay of a live log, on Kafka and MongoDB', found.missing)
else {
  const { scale } = found
  const views = { ...here, mongo: freshMongoView(scale.mongoUrl) }
  claims('replay of a live log, on Kafka and MongoDB', replayClaims(scale, views))
}
