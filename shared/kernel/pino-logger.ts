import { pino } from 'pino'
import { type LogFields, type Logger, redactText } from './logger.ts'

const errorFields = (error: Error): Record<string, unknown> => ({
  name: error.name,
  code: (error as { code?: unknown }).code,
  message: redactText(error.message),
  stack: redactText(error.stack ?? '').replaceAll('\\u000a', '\n'),
  ...(error.cause instanceof Error ? { cause: errorFields(error.cause) } : {}),
})

const safe = (fields: LogFields): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      value instanceof Error
        ? errorFields(value)
        : typeof value === 'string'
          ? redactText(value)
          : value,
    ]),
  )

type Sink = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'> & { child(fields: object): Sink }

const wrap = (sink: Sink): Logger => ({
  debug: (fields, message) => sink.debug(safe(fields) as LogFields, redactText(message)),
  info: (fields, message) => sink.info(safe(fields) as LogFields, redactText(message)),
  warn: (fields, message) => sink.warn(safe(fields) as LogFields, redactText(message)),
  error: (fields, message) => sink.error(safe(fields) as LogFields, redactText(message)),
  child: (fields) => wrap(sink.child(safe(fields))),
})

/** JSON lines on standard error: standard output is for people (`npm start`, `npm run demo`). */
export const openLogger = (service: string, level: string): Logger =>
  wrap(
    pino(
      { level, base: { service, pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
      pino.destination({ dest: 2, sync: true }),
    ) as unknown as Sink,
  )
