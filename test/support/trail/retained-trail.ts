import { addLife, type TrailFiles } from '../../../services/auditor/files/index.ts'
import {
  type AskedRetention,
  carryOutRetention,
  decideRetention,
  pendingRetention,
} from '../../../services/auditor/retention/index.ts'
import { openMemoryEventStore } from '../../../shared/adapters/memory/event-store.ts'
import type { EventOf } from '../../../shared/events/event.ts'
import { encodeEvent } from '../../../shared/events/event-codec.ts'
import type { RawRecord } from '../../../shared/events/log-record.ts'
import { systemClock } from '../../../shared/kernel/clock.ts'
import { systemEntropy as entropy } from '../../../shared/kernel/entropy.ts'
import type { EpochMs, EventId } from '../../../shared/kernel/ids.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import { anAct, noon, source } from '../fakes/builders.ts'
import { atOnce, host, logId, openLife, ring } from './drawn-trail.ts'

/** Sleeps take no time. */
export const hurriedClock = { ...systemClock, sleep: async () => {} }

/** An hour behind the head that `trailOf` signs last. */
export const longAfter = (noon + 2 * 3_600_000) as EpochMs

const recordOf = (
  event: EventOf<'TrailRetained'>,
  { id, offset }: Readonly<{ id: EventId; offset: number }>,
): RawRecord => {
  const { key, headers, value } = encodeEvent(source, { id, at: longAfter, event })
  return { topic: 'auth.events', partition: 0, offset, key, headers, value }
}

const sizeOf = (files: TrailFiles): number => openLife({ files }).sizes().get(0) ?? 0

/**
 * What a retention works with, where a gateway and an auditor take its event into partition 0 at
 * once, unless it is there.
 */
export const retainingParts = (
  files: TrailFiles,
  store: EventStore = openMemoryEventStore({ clock: systemClock }),
) => {
  const told = new Map<string, EventId>()
  return {
    ...{ files, store, entropy, clock: hurriedClock, index: null },
    known: ring.verifiers(host),
    stop: new AbortController().signal,
    onProgress: () => {},
    tell: async (name: string, event: EventOf<'TrailRetained'>): Promise<EventId> => {
      const known = told.get(name)
      if (known !== undefined) return known
      const offset = sizeOf(files)
      const id = `x/${String(offset).padStart(32, '0')}:0:0` as EventId
      const life = openLife({ files })
      const records = [recordOf(event, { id, offset })]
      await life.add({ partition: 0, records, end: offset + 1 }, atOnce)
      life.seal(longAfter, longAfter)
      told.set(name, id)
      return id
    },
  }
}

export type RetainingTestParts = ReturnType<typeof retainingParts>

export const asked = (over: Partial<AskedRetention> = {}): AskedRetention => ({
  ...{ before: longAfter, reason: 'it is old', exports: null, act: anAct },
  ...over,
})

/** From whatever an earlier run left, to the end. */
export const retained = async (
  parts: RetainingTestParts,
  over: Partial<AskedRetention> = {},
): Promise<void> => {
  const pending = await pendingRetention(parts)
  if (pending) await carryOutRetention(parts, pending)
  const decided = await decideRetention(parts, asked(over))
  if (decided) await carryOutRetention(parts, decided)
}

export const begun = <Files extends TrailFiles>(files: Files): Files => {
  addLife(files, logId)
  return files
}
