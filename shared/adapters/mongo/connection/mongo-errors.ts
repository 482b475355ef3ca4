import {
  BSON,
  MongoBulkWriteError,
  MongoCompatibilityError,
  MongoError,
  MongoInvalidArgumentError,
  MongoServerError,
  MongoServerSelectionError,
} from 'mongodb'
import { errorCode } from '../../../kernel/error-code.ts'
import { AuthError, isAuthError } from '../../../kernel/errors.ts'
import { type ConnectionFailure, connectionFailureOf } from './connection-failure.ts'
import { type ServerRefusal, type StoreCode, serverRefusalOf } from './server-refusal.ts'

/** When a caller may try again: an election of a new primary takes a few seconds at most. */
const retryAfterMs = 1000
const duplicateKey = 11_000
const notOfASet = 20

/** Where a call went: told with what went wrong. */
export type Place = Readonly<{
  hosts: readonly string[]
  database: string
  collection: string
  /** What is known of each server. */
  servers: () => ReadonlyMap<string, ConnectionFailure>
}>

export const unavailable = (what: string, cause?: unknown): AuthError<'STORE_UNAVAILABLE'> =>
  new AuthError('STORE_UNAVAILABLE', `MongoDB: ${what}`, { cause, retryAfterMs })

type Explanation = Readonly<{ code: StoreCode; what: string; fix: string | null; where: string }>

const storeError = ({ code, what, fix, where }: Explanation, cause: unknown): AuthError =>
  new AuthError(code, `MongoDB: ${what}${fix === null ? '' : `; ${fix}`} (at ${where})`, {
    cause,
    retryAfterMs,
  })

/** `readWrite on shop.users` of the server's words, where they name another collection. */
const namespaceOf = (text: string, { database, collection }: Place): string => {
  const [, named] = /execute command \{ \w+: "([\w.-]{1,120})"/.exec(text) ?? []
  return `${database}.${named ?? collection}`
}

/** A bulk write, and a write that no majority confirmed, have their failure inside. */
const numberOf = (error: MongoError): number | null => {
  if (error instanceof MongoBulkWriteError) {
    const other = [error.writeErrors].flat().find(({ code }) => code !== duplicateKey)
    const concern = error.result?.getWriteConcernError()?.code
    const found = other?.code ?? concern ?? error.code
    return typeof found === 'number' ? found : null
  }
  // The driver says it in its own words, without the number.
  if (/does not support retryable writes/.test(error.message)) return notOfASet
  return typeof error.code === 'number' ? error.code : null
}

const refusalOf = (error: MongoError, place: Place): AuthError => {
  const number = numberOf(error)
  const text = error.message
  const namespace = namespaceOf(text, place)
  const mistake: ServerRefusal | null =
    number === null ? null : serverRefusalOf({ number, text, namespace })
  const name = number === null ? error.name : `${error.name} ${number}`
  const where = `${place.hosts.join(', ')}, ${namespace}, ${name}`
  if (mistake) return storeError({ ...mistake, where }, error)
  const what = number === null ? 'the call failed' : 'the server refuses this'
  return storeError({ code: 'STORE_UNAVAILABLE', what, fix: null, where }, error)
}

/** None of the servers can be written to: each has its reason. */
const selectionOf = (error: MongoServerSelectionError, place: Place): AuthError => {
  const incompatible = (error.reason as { compatibilityError?: unknown } | undefined)
    ?.compatibilityError
  if (incompatible) return versionOf(error, place)
  const servers = place.servers()
  const where = [...servers].map(([server, { what }]) => `${server}: ${what}`).join('; ')
  const mistakes = [...servers.values()]
  const isOurs = mistakes.length > 0 && mistakes.every(({ mend }) => mend)
  const fix = mistakes.find(({ fix, mend }) => fix !== null && (mend || !isOurs))?.fix ?? null
  const first = mistakes.length === 1 ? mistakes[0]?.what : null
  const what = `no server to write to${first ? `: ${first}` : ''}`
  return storeError(
    { code: isOurs ? 'STORE_MISCONFIGURED' : 'STORE_UNAVAILABLE', what, fix, where },
    error,
  )
}

const versionOf = (error: Error, place: Place): AuthError =>
  storeError(
    {
      code: 'STORE_MISCONFIGURED',
      what: 'the server is of a version that the driver does not speak to',
      fix: 'take MongoDB 7 or 8',
      where: place.hosts.join(', '),
    },
    error,
  )

const linkOf = (error: unknown, place: Place): AuthError => {
  const { what, fix, mend } = connectionFailureOf(error)
  const code = mend ? 'STORE_MISCONFIGURED' : 'STORE_UNAVAILABLE'
  return storeError({ code, what, fix, where: place.hosts.join(', ') }, error)
}

/** Our own bound came first: what the servers said last is the reason, where they said one. */
export const lateError = (ms: number, place: Place): AuthError => {
  const away = [...place.servers().values()].filter(({ up }) => !up)
  const [first] = away
  const what = `no answer within ${ms} ms${first ? `: ${first.what}` : ''}`
  const where = `${place.hosts.join(', ')}, ${place.database}.${place.collection}`
  return storeError({ code: 'STORE_UNAVAILABLE', what, fix: first?.fix ?? null, where }, undefined)
}

/** Files of TLS options are read when the client connects. */
const isOfFile = (error: unknown): error is NodeJS.ErrnoException =>
  (error as NodeJS.ErrnoException | null)?.syscall === 'open'

const isOfSocket = (error: unknown): boolean => {
  const code = errorCode(error)
  const names = /^(?:E[A-Z]+$|EAI_|ERR_(?:STREAM|SOCKET|SSL|TLS|OSSL)_|CERT_|ABORT_ERR$)/
  return typeof code === 'string' && names.test(code)
}

const driverErrorOf = (error: MongoError, place: Place): AuthError => {
  if (error instanceof MongoCompatibilityError) return versionOf(error, place)
  if (error instanceof MongoServerSelectionError) return selectionOf(error, place)
  if (error instanceof MongoServerError) return refusalOf(error, place)
  // A pool that is cleared passes on why: the login that was refused.
  if (error.cause instanceof MongoServerError) return refusalOf(error.cause, place)
  const where = place.hosts.join(', ')
  if (/WaitQueueTimeout/.test(error.name)) {
    const what = 'no connection of the pool became free in time'
    const fix = 'the server is slow, or maxPoolSize in CURFEW_MONGODB_URL too small'
    return storeError({ code: 'STORE_UNAVAILABLE', what, fix, where }, error)
  }
  return /Network|Timeout|Closed|NotConnected/.test(error.name)
    ? linkOf(error, place)
    : refusalOf(error, place)
}

/**
 * The one translation of what the driver throws: what happened, the fix, and where. What MongoDB
 * leaves unanswered is STORE_UNAVAILABLE, also a write whose fate is unknown; what no waiting mends
 * is STORE_DENIED, STORE_MISCONFIGURED, STORE_FULL or STORE_REFUSED; a wrong use of the driver is a
 * defect of ours, INTERNAL. The message holds no text of the driver, which quotes keys and values;
 * the cause is for the log.
 */
export const asAuthError = (error: unknown, place: Place): AuthError => {
  if (isAuthError(error)) return error
  if (error instanceof MongoInvalidArgumentError || error instanceof BSON.BSONError)
    return new AuthError('INTERNAL', `MongoDB was asked wrongly: ${error.name}`, { cause: error })
  if (error instanceof MongoError) return driverErrorOf(error, place)
  if (isOfFile(error)) {
    const what = `a file of a TLS option cannot be read (${error.code ?? 'open'})`
    const fix = 'mend the path in CURFEW_MONGODB_URL, or the rights of the file'
    const where = error.path ?? place.hosts.join(', ')
    return storeError({ code: 'STORE_MISCONFIGURED', what, fix, where }, error)
  }
  if (isOfSocket(error)) return linkOf(error, place)
  return new AuthError('INTERNAL', 'a MongoDB adapter failed', { cause: error })
}

/** What may stand on a page that anybody can read: what and the fix, without where. */
export const withoutPlace = ({ message }: Error): string => message.split(' (at ', 1)[0] ?? ''

/**
 * Whether nothing but taken keys went wrong. A bulk write may hide another failure behind its
 * first.
 */
export const isDuplicateKey = (error: unknown): boolean => {
  if (!(error instanceof MongoError) || error.code !== duplicateKey) return false
  if (!(error instanceof MongoBulkWriteError)) return true
  return [error.writeErrors].flat().every(({ code }) => code === duplicateKey)
}
