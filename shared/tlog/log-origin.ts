import { createHash } from 'node:crypto'

/**
 * Whether a key of this name signs the log of `origin`: that of its own name, and those of an
 * origin below it (`name/…`). One key serves all logs of a trail.
 */
export const signsLog = (name: string, origin: string): boolean =>
  origin === name || origin.startsWith(`${name}/`)

/** Under which a witness shows what it cosigned last of a log (C2SP tlog-witness). */
export const logHash = (origin: string): string => createHash('sha256').update(origin).digest('hex')
