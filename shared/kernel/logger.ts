/**
 * What the parts log through. Fields are ids, counts, codes and instants; there is no field for a
 * token, a cookie or a password, and `redactText` takes what looks like one out of error messages
 * of libraries.
 */
export interface Logger {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
  child(fields: LogFields): Logger
  /** Whether lines of this level are written, for who would make their fields in vain. */
  writes?(level: LogLevel): boolean
}
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type LogFields = Readonly<
  Record<string, string | number | boolean | null | undefined | Error | readonly string[]>
>

const tokenShaped = /[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g
// To the last @: one in a password may not be percent-encoded. Paths of files name no user.
const credentialInUrl = /(mongodb(?:\+srv)?:\/\/).*@|(\w+:\/\/)(?!\/)\S*@/gs
// Control characters and bidi overrides: a log line must not be able to forge another (CWE-117).
const unprintable =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

/**
 * Takes token-shaped text and credentials in URLs out of `text`, and makes control characters
 * visible.
 */
export const redactText = (text: string): string =>
  text
    .replace(tokenShaped, '[token]')
    .replace(credentialInUrl, '$1$2[redacted]@')
    .replace(unprintable, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** A logger that adds `fields` to each line; made in no time, as each request makes one. */
export const withFields = (logger: Logger, fields: LogFields): Logger => ({
  debug: (given, message) => logger.debug({ ...fields, ...given }, message),
  info: (given, message) => logger.info({ ...fields, ...given }, message),
  warn: (given, message) => logger.warn({ ...fields, ...given }, message),
  error: (given, message) => logger.error({ ...fields, ...given }, message),
  child: (given) => withFields(logger, { ...fields, ...given }),
  writes: (level) => logger.writes?.(level) ?? true,
})

const nothing = (): void => {}
export const silentLogger: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  child: () => silentLogger,
}
