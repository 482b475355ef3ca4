import { AuditIndexer } from '../../../services/auditor/indexing/index.ts'
import { silentLogger as logger } from '../../../shared/kernel/logger.ts'
import { Meter } from '../../../shared/metrics/meter.ts'
import { inWorld, type World, type WorldOptions } from './gateway-world.ts'

/** Meanwhile the index of events is filled by what `curfew start` fills it by. */
export const whileIndexing = async (world: World, claim: () => Promise<void>): Promise<void> => {
  const { log, audit: index } = world.state
  const events = { ring: world.keys.events, unsigned: 'park' } as const
  const parts = { log, index, events, clock: world.clock, logger, meter: new Meter() }
  const follower = new AuditIndexer(parts)
  follower.start()
  try {
    await claim()
  } finally {
    await follower.close()
  }
}

export const inIndexedWorld = (
  options: WorldOptions,
  claim: (world: World) => Promise<void>,
): Promise<void> => inWorld(options, (world) => whileIndexing(world, () => claim(world)))
