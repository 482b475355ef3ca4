import { pino } from 'pino'
import { type LogFields, type Logger, redactText } from '../logger.ts'
import { loggableFields } from './log-fields.ts'

type Level = 'debug' | 'info' | 'warn' | 'error'
type Sink = Pick<Logger, Level> & {
  child(fields: object): Sink
  isLevelEnabled(level: Level): boolean
}

/** A line that nobody wants costs no redaction: each refresh has one. */
const lineOf =
  (sink: Sink, level: Level): Logger[Level] =>
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
})

/** JSON lines on standard error: standard output is for people (`npm start`, `npm run demo`). */
export const openLogger = (service: string, level: string): Logger =>
  wrap(
    pino(
      { level, base: { service, pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
      pino.destination({ dest: 2, sync: true }),
    ) as unknown as Sink,
  )
