import { join } from 'node:path'
import { openLmdb } from '../../shared/adapters/lmdb/environment/open-lmdb.ts'
import { lmdbEventLog } from '../../shared/adapters/lmdb/log/event-log.ts'
import { signed } from '../../shared/events/event-codec.ts'
import type { LogRecord } from '../../shared/events/log-record.ts'
import { silentLogger as logger } from '../../shared/kernel/logger.ts'
import type { EventLog } from '../../shared/ports/event-log.ts'
import { anEventCheck } from '../../test/support/fakes/builders.ts'
import type { Bench } from '../scenario.ts'
import { eventRecords } from './event-records.ts'

const batch = 10_000

/** An embedded log in `folder` with so many events of sessions that rotate. */
export const eventLogOf = async (
  { clock, parts, say }: Bench,
  folder: string,
  count: number,
): Promise<EventLog> => {
  const env = await parts.use(openLmdb({ path: join(folder, 'log'), clock, logger }))
  const log = lmdbEventLog(env, { revocationRetentionMs: 86_400_000 })
  say(`writing ${count} events`)
  const { ring } = anEventCheck()
  let waiting: LogRecord[] = []
  for (const record of eventRecords(count)) {
    waiting.push(signed(ring, record))
    if (waiting.length < batch) continue
    await log.publish(waiting)
    waiting = []
  }
  await log.publish(waiting)
  return log
}
