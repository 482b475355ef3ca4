import type { MacRing } from '../events/record-mac.ts'
import type { RevocationItem } from '../events/revocation-record.ts'

/** What the worker is started with; must survive a structured clone. */
export type WorkerStart<Settings> = Readonly<{ settings: Settings; ring: MacRing }>

/** From the worker. Whatever it is, it is a sign of life. */
export type WorkerSays =
  | Readonly<{ kind: 'opened' | 'caught_up' | 'alive' }>
  | Readonly<{ kind: 'items'; items: readonly RevocationItem[] }>
  | Readonly<{ kind: 'reset'; reason: string }>
  | Readonly<{ kind: 'trouble'; message: string }>

/**
 * To the worker. `taken`: one message with items was told to the guard. `ring`: what records are
 * checked by from now on.
 */
export type HostSays =
  | Readonly<{ kind: 'taken' | 'close' }>
  | Readonly<{ kind: 'ring'; ring: MacRing }>

export const aliveEveryMs = 1_000
