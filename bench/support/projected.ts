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

/** Seconds in which a projector folds all of the log’s events into empty views. */
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
    return (clock.monotonicMs() - beganMs) / 1_000
  } finally {
    await projector.close()
  }
}
