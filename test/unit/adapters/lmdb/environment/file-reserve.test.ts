import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { lmdbEventStore } from '../../../../../shared/adapters/lmdb/commits/event-store.ts'
import { openLmdb } from '../../../../../shared/adapters/lmdb/environment/open-lmdb.ts'
import { systemClock as clock } from '../../../../../shared/kernel/clock.ts'
import { silentLogger as logger } from '../../../../../shared/kernel/logger.ts'
import { aCommit } from '../../../../support/fakes/builders.ts'
import { assert, claims } from '../../../../support/suite.ts'
import { inTempFolder } from '../../../../support/temp-folder.ts'
import { openPlain } from '../../../../support/worlds/older-lmdb.ts'

const commitCount = 2_000
const reserveBytesMin = 64 * 1_024

/** How long the file is beyond its last page. */
const reserveIn = async (path: string): Promise<number> => {
  const { size } = await stat(join(path, 'data.mdb'))
  const root = openPlain(path)
  const { lastPageNumber, pageSize } = root.getStats() as Readonly<Record<string, number>>
  await root.close()
  return size - ((lastPageNumber ?? 0) + 1) * (pageSize ?? 0)
}

claims('the file of a store', {
  'is longer than its pages by some that are on the disk already, which hold nothing': () =>
    inTempFolder('reserve', async (path) => {
      const commits = Array.from({ length: commitCount }, () => aCommit())
      const env = await openLmdb({ path, clock, logger })
      const store = lmdbEventStore(env)
      await Promise.all(commits.slice(0, commitCount / 2).map((commit) => store.append(commit)))
      for (const commit of commits.slice(commitCount / 2)) await store.append(commit)
      await env.close()
      const reserve = await reserveIn(path)
      assert.ok(reserve > 0 && reserve < 2 * reserveBytesMin, `${reserve}`)
      const again = await openLmdb({ path, clock, logger })
      const heads = await lmdbEventStore(again).heads(commits.map(({ id }) => id.s))
      assert.equal(
        heads.map((head) => head?.claim),
        commits.map(({ claim }) => claim),
      )
      await again.close()
    }),
})
