import { writeSync } from 'node:fs'
import type { Clock } from '../kernel/clock.ts'
import { type LogFields, type Logger, redactText } from '../kernel/logger.ts'
import { loggableFields } from '../kernel/logging/log-fields.ts'

// The numbers are pino's, whose lines the services of Curfew write.
const numbers = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 } as const
type Level = keyof typeof numbers

const isLevel = (text: string): text is Level => Object.hasOwn(numbers, text)

type Options = Readonly<{
  service: string
  /** One of pino's; anything else, such as `silent`, writes nothing. */
  level: string
  clock: Clock
  write?: (line: string) => void
}>

/** A full pipe or a closed one is no reason for a guard to end. */
const toStandardError = (line: string): void => {
  try {
    writeSync(2, line)
  } catch {
    // Nobody is there to be told.
  }
}

/**
 * The lines of `openLogger` without pino, which a service with a guard may not have: JSON on
 * standard error.
 */
export const jsonLineLogger = ({
  service,
  level,
  clock,
  write = toStandardError,
}: Options): Logger => {
  const least = isLevel(level) ? numbers[level] : Number.POSITIVE_INFINITY
  const at =
    (name: Level, bound: Record<string, unknown>) =>
    (fields: LogFields, message: string): void => {
      if (numbers[name] < least) return
      const time = new Date(clock.now()).toISOString()
      const base = { level: numbers[name], time, service, pid: process.pid, ...bound }
      const line = { ...base, ...loggableFields(fields), msg: redactText(message) }
      write(`${JSON.stringify(line)}\n`)
    }
  const bound = (given: Record<string, unknown>): Logger => ({
    debug: at('debug', given),
    info: at('info', given),
    warn: at('warn', given),
    error: at('error', given),
    child: (fields) => bound({ ...given, ...loggableFields(fields) }),
  })
  return bound({})
}
