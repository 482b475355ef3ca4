import { BSON, MongoBulkWriteError, MongoError, MongoInvalidArgumentError } from 'mongodb'
import { errorCode } from '../../kernel/error-code.ts'
import { AuthError, isAuthError } from '../../kernel/errors.ts'

/** When a caller may try again: an election of a new primary takes a few seconds at most. */
const retryAfterMs = 1000
const duplicateKey = 11_000

export const unavailable = (what: string, cause?: unknown): AuthError<'STORE_UNAVAILABLE'> =>
  new AuthError('STORE_UNAVAILABLE', `MongoDB: ${what}`, { cause, retryAfterMs })

const nameOf = (error: MongoError): string => {
  const { name, code } = error
  return code === undefined ? name : `${name} ${code}`
}

/**
 * Whether `error` is of a socket or stream. The driver passes on what Node says while a request is
 * written: EPIPE, where a killed server's end of the connection was read but not yet acted on.
 */
const isOfSocket = (error: unknown): boolean => {
  const code = errorCode(error)
  return typeof code === 'string' && /^(?:E[A-Z]+$|ERR_STREAM_|ERR_SOCKET_|ABORT_ERR$)/.test(code)
}

/**
 * The one translation of what the driver throws. Whatever MongoDB refuses or leaves unanswered is
 * STORE_UNAVAILABLE, also a write whose fate is unknown; a wrong use of the driver is a defect of
 * ours, INTERNAL. The message holds the name of the error and no text of the driver, which quotes
 * keys and values; the cause is for the log.
 */
export const asAuthError = (error: unknown): AuthError => {
  if (isAuthError(error)) return error
  if (error instanceof MongoInvalidArgumentError || error instanceof BSON.BSONError)
    return new AuthError('INTERNAL', `MongoDB was asked wrongly: ${error.name}`, { cause: error })
  if (error instanceof MongoError) return unavailable(nameOf(error), error)
  if (isOfSocket(error)) return unavailable('the connection broke', error)
  return new AuthError('INTERNAL', 'a MongoDB adapter failed', { cause: error })
}

/**
 * Whether nothing but taken keys went wrong. A bulk write may hide another failure behind its
 * first.
 */
export const isDuplicateKey = (error: unknown): boolean => {
  if (!(error instanceof MongoError) || error.code !== duplicateKey) return false
  if (!(error instanceof MongoBulkWriteError)) return true
  return [error.writeErrors].flat().every(({ code }) => code === duplicateKey)
}
