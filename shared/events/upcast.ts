import type { AuthEvent, StoredEvent } from './event.ts'

/**
 * One step of history: an event as version n wrote it, to how version n + 1 would have written it.
 * Pure.
 */
export type UpcastStep = (
  data: Readonly<Record<string, unknown>>,
) => Readonly<Record<string, unknown>>
export type UpcastTable = Readonly<Partial<Record<string, Readonly<Record<number, UpcastStep>>>>>

/** Version 1 did not say on whose word it happened, nor from where. */
const withoutAct: UpcastStep = (data) => ({ ...data, actor: null, address: null, agent: null })

export const upcastTable: UpcastTable = {
  TokenRevoked: { 1: (data) => ({ ...data, actor: null }) },
  UserCreated: { 1: withoutAct },
  PasswordChanged: { 1: withoutAct },
  UserDisabled: { 1: withoutAct },
  UserEnabled: { 1: withoutAct },
  UserDeleted: { 1: withoutAct },
  RolesChanged: { 1: withoutAct },
}

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

export const upcast = (stored: StoredEvent): AuthEvent =>
  upcastWith(upcastTable)(stored) as AuthEvent
