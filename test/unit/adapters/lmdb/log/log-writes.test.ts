import { lmdbWrites } from '../../../../../shared/adapters/lmdb/environment/lmdb-environment.ts'
import { openLmdb } from '../../../../../shared/adapters/lmdb/environment/open-lmdb.ts'
import { lmdbEventLog } from '../../../../../shared/adapters/lmdb/log/event-log.ts'
import { systemClock as clock } from '../../../../../shared/kernel/clock.ts'
import { silentLogger as logger } from '../../../../../shared/kernel/logger.ts'
import { anEventRecord } from '../../../../support/fakes/builders.ts'
import { assert, claims } from '../../../../support/suite.ts'
import { inTempFolder } from '../../../../support/temp-folder.ts'

const events = { topic: 'auth.events', partition: 0 } as const

/** Writes into the log's database past the log. */
const stray = lmdbWrites('stray', (env) => env.textDatabase('log.events'), {
  put: (texts, offset: number, text: string): void => void texts.putSync(offset, text),
})

claims('a publication to the embedded log', {
  'is written where it says, also when something lies there or behind': () =>
    inTempFolder('append', async (path) => {
      const env = await openLmdb({ path, clock, logger })
      const log = lmdbEventLog(env, { revocationRetentionMs: 86_400_000 })
      for (const offset of [1, 7]) await env.use(stray).write.put(offset, '{"key":"stray"}')
      const records = Array.from({ length: 3 }, (_, index) => anEventRecord('alice', index))
      assert.equal(await log.publish(records), [0, 1, 2])
      for (const [offset, record] of records.entries()) {
        assert.is((await log.recordAt(events, offset))?.value, record.value)
      }
      await log.close()
      await env.close()
    }),
})
