import type { Clock } from '../../kernel/clock.ts'
import { redactText } from '../../kernel/logger.ts'
import { RepeatedTrouble } from '../../kernel/logging/repeated-trouble.ts'
import type { GuardAlarm, OnAlarm } from '../api/alarm.ts'

/** What pino, winston and the console have. */
export interface GuardLogger {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
}

/** One line of text for each alarm. */
export const standardErrorLogger: GuardLogger = {
  warn: (_fields, message) => void process.stderr.write(`${message}\n`),
}

/**
 * Tells people of alarms: at once, and while a trouble lasts once a minute. A guard is asked a
 * thousand times a second; what it says fits a screen.
 */
export const loggedAlarms = (logger: GuardLogger, clock: Clock): OnAlarm => {
  const kinds = new Map<GuardAlarm['kind'], RepeatedTrouble>()
  return ({ kind, detail }) => {
    const told = kinds.get(kind) ?? new RepeatedTrouble(clock)
    kinds.set(kind, told)
    const times = told.occurred(detail)
    if (times === null) return
    const repeated = times > 1 ? ` (${times} times since it was last said)` : ''
    logger.warn({ kind, times }, redactText(`curfew guard: ${kind}: ${detail}${repeated}`))
  }
}
