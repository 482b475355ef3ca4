import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLmdb } from '../../../../../shared/adapters/lmdb/environment/open-lmdb.ts'
import { lmdbEventLog } from '../../../../../shared/adapters/lmdb/log/event-log.ts'
import { logWrites } from '../../../../../shared/adapters/lmdb/log/log-writes.ts'
import { silentLogger as logger } from '../../../../../shared/kernel/logger.ts'
import {
  aClosedTimeRecord,
  aLogId,
  aRevocationRecord,
  aRing,
} from '../../../../support/fakes/builders.ts'
import { fakeClock } from '../../../../support/fakes/fake-clock.ts'
import { assert, claims } from '../../../../support/suite.ts'
import { until } from '../../../../support/until.ts'

const dayMs = 86_400_000
const ring = aRing()
const logId = aLogId()
const first = { topic: 'auth.revocations', partition: 0 } as const

claims('retention of the embedded log', {
  'a shorter setting deletes nothing that a longer one still needs': async () => {
    const path = await mkdtemp(join(tmpdir(), 'curfew-retention-'))
    const clock = fakeClock()
    const env = await openLmdb({ path, clock, logger })
    const written = () => env.use(logWrites).write.publish([], clock.now())
    const closed = () => aClosedTimeRecord(ring, clock.now(), logId)
    const long = lmdbEventLog(env, { revocationRetentionMs: 6 * dayMs })
    await long.publish([aRevocationRecord(ring), closed()])
    await written() // The sweep of that publication lies before this.
    const short = lmdbEventLog(env, { revocationRetentionMs: dayMs })
    await clock.advance(3 * dayMs)
    await short.publish([closed(), closed()])
    await written()
    assert.ok(await short.recordAt(first, 0), 'kept by the longer retention')
    await clock.advance(4 * dayMs)
    await short.publish([closed(), closed()])
    await until('it goes in the end', async () => (await short.recordAt(first, 0)) === null)
    await env.close()
    await rm(path, { recursive: true, force: true })
  },
})
