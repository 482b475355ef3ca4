import { errorCode } from '../error-code.ts'
import { isAuthError } from '../errors.ts'
import { type LogFields, redactText } from '../logger.ts'

/** A system's own, such as ENOSPC, or a database's number: the message says what is wrong. */
const isOfSystem = (error: Error): boolean => /^(E[A-Z0-9]+|-?\d+)$/.test(String(errorCode(error)))

/** Failures that are told in a sentence with a code need no place in the code. */
const tellsAll = (error: Error): boolean =>
  isAuthError(error) ? error.code !== 'INTERNAL' : isOfSystem(error)

const errorFields = (error: Error): Record<string, unknown> => ({
  name: error.name,
  code: (error as { code?: unknown }).code,
  message: redactText(error.message),
  ...(!tellsAll(error) && {
    stack: redactText(error.stack ?? '').replaceAll('\\u000a', '\n'),
  }),
  ...(error.cause instanceof Error ? { cause: errorFields(error.cause) } : {}),
})

/** Fields as a line of a log may hold them: errors spelled out, texts redacted. */
export const loggableFields = (fields: LogFields): Record<string, unknown> =>
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
