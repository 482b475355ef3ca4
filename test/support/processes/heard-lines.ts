import type { LogFields, Logger } from '../../../shared/kernel/logger.ts'

export type HeardLine = Readonly<{
  level: 'debug' | 'info' | 'warn' | 'error'
  fields: LogFields
  message: string
}>

/** A logger that keeps what it is told. */
export const heardLines = (): Readonly<{ lines: HeardLine[]; logger: Logger }> => {
  const lines: HeardLine[] = []
  const at =
    (level: HeardLine['level']) =>
    (fields: LogFields, message: string): void => {
      lines.push({ level, fields, message })
    }
  const logger: Logger = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => logger,
  }
  return { lines, logger }
}
