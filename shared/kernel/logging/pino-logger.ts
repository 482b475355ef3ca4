import { pino } from 'pino'
import { type LogFields, type Logger, redactText } from '../logger.ts'
import { loggableFields } from './log-fields.ts'

type Sink = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'> & { child(fields: object): Sink }

const wrap = (sink: Sink): Logger => ({
  debug: (fields, message) => sink.debug(loggableFields(fields) as LogFields, redactText(message)),
  info: (fields, message) => sink.info(loggableFields(fields) as LogFields, redactText(message)),
  warn: (fields, message) => sink.warn(loggableFields(fields) as LogFields, redactText(message)),
  error: (fields, message) => sink.error(loggableFields(fields) as LogFields, redactText(message)),
  child: (fields) => wrap(sink.child(loggableFields(fields))),
})

/** JSON lines on standard error: standard output is for people (`npm start`, `npm run demo`). */
export const openLogger = (service: string, level: string): Logger =>
  wrap(
    pino(
      { level, base: { service, pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
      pino.destination({ dest: 2, sync: true }),
    ) as unknown as Sink,
  )
