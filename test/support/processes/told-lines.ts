import type { LogFields, Logger } from '../../../shared/kernel/logger.ts'

export type Line = Readonly<{ message: string; fields: LogFields }>

/** A logger that keeps what it was told, but for `debug`. */
export const keepingLogger = (): Readonly<{ logger: Logger; lines: readonly Line[] }> => {
  const lines: Line[] = []
  const keep = (fields: LogFields, message: string): void => void lines.push({ message, fields })
  const logger: Logger = {
    debug: () => {},
    info: keep,
    warn: keep,
    error: keep,
    child: () => logger,
  }
  return { logger, lines }
}
