import { join } from 'node:path'
import type { EventCheck } from '../events/event-mac.ts'
import type { MacRing } from '../events/record-mac.ts'
import type { Lifecycle } from '../kernel/lifecycle.ts'
import type { ProcessContext } from '../kernel/process/process-context.ts'
import { awaitEventsRing, awaitMacRing } from '../tokens/key-rings/index.ts'
import type { GroupAccess } from '../tokens/secret-files/index.ts'
import { degraded, ok, type PartHealth } from './health.ts'

export type LogReaderRings = Readonly<{
  ring: MacRing
  events: EventCheck
  /** Degraded while a file cannot be read anew: the next rotation would not be noticed. */
  health: () => PartHealth
}>

type RingSettings = Readonly<{
  dataDir: string
  groupAccess: GroupAccess
  logMacFile: string | null
  eventsMacFile: string | null
  unsignedEvents: EventCheck['unsigned']
}>

/** The rings of both topics, which follow their files; `null` if `stop` aborts before that. */
export const openLogReaderRings = async (
  config: RingSettings,
  { parts, ...context }: ProcessContext & Readonly<{ parts: Lifecycle }>,
  stop: AbortSignal,
): Promise<LogReaderRings | null> => {
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
