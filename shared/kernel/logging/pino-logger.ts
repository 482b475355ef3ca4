import { pino } from 'pino'
import { type LogFields, type Logger, type LogLevel, redactText } from '../logger.ts'
import { loggableFields } from './log-fields.ts'

type Sink = Pick<Logger, LogLevel> & {
  child(fields: object): Sink
  isLevelEnabled(level: LogLevel): boolean
}

/** A line that nobody wants costs no redaction: each refresh has one. */
const lineOf =
  (sink: Sink, level: LogLevel): Logger[LogLevel] =>
  (fields, message) => {
    if (!sink.isLevelEnabled(level)) return
    sink[level](loggableFields(fields) as LogFields, redactText(message))
  }

const wrap = (sink: Sink): Logger => ({
  debug: lineOf(sink, 'debug'),
  info: lineOf(sink, 'info'),
  warn: lineOf(sink, 'warn'),
  error: lineOf(sink, 'error'),
  child: (fields) => wrap(sink.child(loggableFields(fields))),
  writes: (level) => sink.isLevelEnabled(level),
})

/** JSON lines on standard error: standard output is for people (`npm start`, `npm run demo`). */
export const openLogger = (service: string, level: string): Logger =>
  wrap(
    pino(
      { level, base: { service, pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
      pino.destination({ dest: 2, sync: true }),
    ) as unknown as Sink,
  )
