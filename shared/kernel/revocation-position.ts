import type { EpochMs, LogId } from './ids.ts'

/**
 * Where a revocation lies: what `Revocation-Position` says, taken apart. Outside it is opaque: the
 * doors compare positions, nobody else does.
 */
export type Position =
  /** Acknowledged by the log of this identity. */
  | Readonly<{ kind: 'offset'; logId: LogId; offset: number }>
  /** Pending: appended before this instant of the store, and not yet in the log. */
  | Readonly<{ kind: 'instant'; t: EpochMs }>

const pattern = /^(?:([0-9a-f]{32}):|t:)(0|[1-9]\d{0,15})$/

/** `null` when `text` is no position. Never throws. */
export const parsePosition = (text: string): Position | null => {
  const [, log, digits] = pattern.exec(text) ?? []
  const value = Number(digits)
  if (digits === undefined || !Number.isSafeInteger(value)) return null
  return log === undefined
    ? { kind: 'instant', t: value as EpochMs }
    : { kind: 'offset', logId: log as LogId, offset: value }
}

export const positionText = (position: Position): string =>
  position.kind === 'offset' ? `${position.logId}:${position.offset}` : `t:${position.t}`
