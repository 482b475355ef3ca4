import type { AuthEvent, StoredEvent } from './event.ts'

/**
 * One step of history: an event as version n wrote it, to how version n + 1 would have written it.
 * Pure.
 */
export type UpcastStep = (
  data: Readonly<Record<string, unknown>>,
) => Readonly<Record<string, unknown>>
export type UpcastTable = Readonly<Partial<Record<string, Readonly<Record<number, UpcastStep>>>>>

/**
 * No event has an older version yet. The first one that gets one adds its step here and its golden
 * file.
 */
export const upcastTable: UpcastTable = {}

/**
 * Follows the steps of `table` from the stored version to the newest; an event without steps is
 * returned as it is.
 */
export const upcastWith =
  (table: UpcastTable) =>
  <Stored extends Readonly<{ type: string; version: number; data: object }>>(
    stored: Stored,
  ): Stored => {
    const steps = table[stored.type]
    let { version } = stored
    let data = stored.data as Readonly<Record<string, unknown>>
    for (let step = steps?.[version]; step; step = steps?.[version]) {
      data = step(data)
      version += 1
    }
    return version === stored.version ? stored : { ...stored, version, data }
  }

export const upcast = (stored: StoredEvent): AuthEvent => upcastWith(upcastTable)(stored)
