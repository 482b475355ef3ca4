import { type Projector, startProjector } from '../../../services/projector/projector.ts'
import { openMemoryBlacklistView } from '../../../shared/adapters/memory/blacklist-view.ts'
import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import { silentLogger as logger } from '../../../shared/kernel/logger.ts'
import { inWorld, type World, type WorldOptions } from './gateway-world.ts'

/** A world whose log a projector follows, as in production. */
export const inListedWorld = (
  options: WorldOptions,
  prove: (world: World, projector: Projector) => Promise<void>,
): Promise<void> =>
  inWorld(options, async (world) => {
    const { log, sessions } = world.state
    const view = openMemoryBlacklistView()
    const { mac: ring, events: signing } = world.keys
    const events = { ring: signing, unsigned: 'park' } as const
    const projector = await startProjector({ log, view, sessions, ring, events, clock, logger })
    try {
      await prove(world, projector)
    } finally {
      await projector.close()
    }
  })
