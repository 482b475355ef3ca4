import { startProjector } from '../../services/projector/projector.ts'
import { silentLogger as logger } from '../../shared/kernel/logger.ts'
import type { BlacklistView } from '../../shared/ports/blacklist-view.ts'
import type { EventLog } from '../../shared/ports/event-log.ts'
import type { SessionList } from '../../shared/ports/session-list.ts'
import { anEventCheck, aRing } from '../../test/support/fakes/builders.ts'
import type { Bench } from '../scenario.ts'

const pollMs = 5
const ring = aRing()
const events = anEventCheck()

type Views = Readonly<{ view: BlacklistView; sessions: SessionList }>

/**
 * Seconds in which a projector folds all of the log’s events into empty views.
 * @throws Error where it parked one: to park is not to fold, and takes another time.
 */
export const projectedS = async (
  { clock }: Pick<Bench, 'clock'>,
  log: EventLog,
  views: Views,
): Promise<number> => {
  const { end } = await log.bounds({ topic: 'auth.events', partition: 0 })
  const beganMs = clock.monotonicMs()
  const projector = await startProjector({ log, ...views, ring, events, clock, logger })
  try {
    while (projector.folded('auth.events', 0) < end) await clock.sleep(pollMs)
    const seconds = (clock.monotonicMs() - beganMs) / 1_000
    const parked = (await log.bounds({ topic: 'auth.deadletters', partition: 0 })).end
    if (parked > 0) throw new Error(`the projector parked ${parked} of ${end} events`)
    return seconds
  } finally {
    await projector.close()
  }
}
