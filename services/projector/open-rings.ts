import { join } from 'node:path'
import type { EventCheck } from '../../shared/events/event-reader.ts'
import type { MacRing } from '../../shared/events/record-mac.ts'
import { degraded, ok, type PartHealth } from '../../shared/http/health.ts'
import type { Values } from '../../shared/kernel/config.ts'
import type { Lifecycle } from '../../shared/kernel/lifecycle.ts'
import type { ProcessContext } from '../../shared/kernel/process/process-context.ts'
import { awaitEventsRing, awaitMacRing } from '../../shared/tokens/key-rings/index.ts'
import type { projectorFields } from './config.ts'

export type ProjectorRings = Readonly<{
  ring: MacRing
  events: EventCheck
  /** Degraded while a file cannot be read anew: the next rotation would not be noticed. */
  health: () => PartHealth
}>

/** The rings of both topics, which follow their files; `null` if `stop` aborts before that. */
export const openRings = async (
  config: Values<typeof projectorFields>,
  { parts, ...context }: ProcessContext & Readonly<{ parts: Lifecycle }>,
  stop: AbortSignal,
): Promise<ProjectorRings | null> => {
  const waiting = { ...context, groupAccess: config.groupAccess }
  const keysDir = join(config.dataDir, 'keys')
  const revocationsFile = config.logMacFile ?? join(keysDir, 'log-mac.json')
  const revocations = await awaitMacRing(revocationsFile, waiting, stop)
  if (!revocations) return null
  const { ring } = await parts.use(revocations)
  const eventsFile = config.eventsMacFile ?? join(keysDir, 'events-mac.json')
  const events = await awaitEventsRing(eventsFile, ring, waiting, stop)
  if (!events) return null
  const followed = [revocations, await parts.use(events)]
  return {
    ring,
    events: { ring: events.ring, unsigned: config.unsignedEvents },
    health: () =>
      followed.some(({ trouble }) => trouble() !== null)
        ? degraded('the files cannot be read anew: see the log')
        : ok(),
  }
}
