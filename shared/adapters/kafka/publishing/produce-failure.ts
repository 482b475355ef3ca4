import { AuthError, isAuthError } from '../../../kernel/errors.ts'
import { logUnavailable } from '../client/kafka-client.ts'

/** The request as far as a failure of it must be told. */
export type Sent = Readonly<{ topics: readonly string[]; bytes: number }>

type KafkaError = Readonly<{ name?: unknown; type?: unknown; cause?: unknown }>

const isObject = (value: unknown): value is KafkaError =>
  typeof value === 'object' && value !== null

/** kafkajs wraps what the broker said into what became of its retries. */
const findCause = <T>(error: unknown, find: (one: KafkaError) => T | null): T | null => {
  let one: unknown = error
  for (let depth = 0; depth < 5 && isObject(one); depth += 1) {
    const found = find(one)
    if (found !== null) return found
    one = one.cause
  }
  return null
}

const typeOf = (error: unknown): string | null =>
  findCause(error, ({ type }) => (typeof type === 'string' ? type : null))

const tooLarge = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'])
const replicasMissing = new Set(['NOT_ENOUGH_REPLICAS', 'NOT_ENOUGH_REPLICAS_AFTER_APPEND'])

/** The broker answered that a batch is too large. */
export const isTooLarge = (error: unknown): boolean => tooLarge.has(typeOf(error) ?? '')

/**
 * The connection ended under the request: also what a broker does with a request above its
 * `socket.request.max.bytes`, without a word.
 */
export const isClosed = (error: unknown): boolean =>
  findCause(error, ({ name }) => (name === 'KafkaJSConnectionClosedError' ? true : null)) ?? false

export const throttled = (): AuthError =>
  new AuthError(
    'LOG_THROTTLED',
    'a quota of the broker holds publishing back: raise producer_byte_rate or request_percentage' +
      ' of this client or user',
  )

export const replicasMissingOf = (topics: readonly string[], cause: unknown): AuthError => {
  const text = `fewer replicas of ${topics.join(' or ')} are in sync than min.insync.replicas asks`
  return new AuthError('LOG_REPLICAS_MISSING', text, { cause })
}

const electing = new Set(['LEADER_NOT_AVAILABLE', 'OFFSET_NOT_AVAILABLE'])

/** The broker answered that a leader is new, and does not say yet where its log ends. */
export const isElecting = (error: unknown): boolean => electing.has(typeOf(error) ?? '')

/** What failed and which setting of the broker is behind it, as far as that can be known. */
export const produceFailure = (error: unknown, { topics, bytes }: Sent): AuthError => {
  if (isAuthError(error)) return error
  const type = typeOf(error)
  if (type !== null && replicasMissing.has(type)) return replicasMissingOf(topics, error)
  if (isClosed(error)) {
    const limit = 'socket.request.max.bytes or a limit on connections may be the reason'
    return logUnavailable(`a request of ${bytes} bytes ended the connection; ${limit}`, error)
  }
  return logUnavailable(
    type === null ? 'publish' : `publish to ${topics.join(', ')}: ${type}`,
    error,
  )
}
