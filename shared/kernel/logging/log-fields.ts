import { type LogFields, redactText } from '../logger.ts'

const errorFields = (error: Error): Record<string, unknown> => ({
  name: error.name,
  code: (error as { code?: unknown }).code,
  message: redactText(error.message),
  stack: redactText(error.stack ?? '').replaceAll('\\u000a', '\n'),
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
