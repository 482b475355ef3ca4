import { AuthError } from './errors.ts'

declare const brand: unique symbol
/** A value that passed its constructor once; past it nobody checks the shape again. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name }

export type TokenId = Brand<string, 'TokenId'>
export type SessionId = Brand<string, 'SessionId'>
export type SubjectId = Brand<string, 'SubjectId'>
export type ClientId = Brand<string, 'ClientId'>
/** Drawn once a request; says whose insert a commit is when the answer of the insert was lost. */
export type Claim = Brand<string, 'Claim'>
/** Identity of one life of the event log; another id means that the log began anew. */
export type LogId = Brand<string, 'LogId'>
/** `stream:version:index`, so the same event always has the same id (CloudEvents `id`). */
export type EventId = Brand<string, 'EventId'>
/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = Brand<number, 'EpochMs'>
/** Seconds since 1970-01-01T00:00:00Z: a JWT NumericDate (RFC 7519, section 2). */
export type EpochSeconds = Brand<number, 'EpochSeconds'>

/**
 * `s/` a session, `u/` a user, `c/` a client, `j/` one token, `x/` one unrelated event,
 * `all` everyone.
 */
export type StreamId =
  | `s/${string}`
  | `u/${string}`
  | `c/${string}`
  | `j/${string}`
  | `x/${string}`
  | 'all'

/** What a revocation names: one token, one session, or the sessions of somebody below a cutoff. */
export type RevocationKey =
  | `jti:${string}`
  | `sid:${string}`
  | `sub:${string}`
  | `client:${string}`
  | 'all'

const hex32 = /^[0-9a-f]{32}$/
// Visible ASCII: a subject travels in headers, keys and URLs, and comes from a team's own directory
// too.
const subjectPattern = /^[\x21-\x7e]{1,255}$/
const clientPattern = /^[A-Za-z0-9._-]{1,64}$/

const checked = <T>(name: string, rule: string, good: boolean, value: unknown): T => {
  if (!good) throw new AuthError('INPUT_INVALID', `${name} ${rule}`)
  return value as T
}

export const isTokenId = (text: unknown): text is TokenId =>
  typeof text === 'string' && hex32.test(text)
export const tokenId = (text: string): TokenId =>
  checked('jti', 'must be 32 hex digits', hex32.test(text), text)
export const sessionId = (text: string): SessionId =>
  checked('sid', 'must be 32 hex digits', hex32.test(text), text)
export const subjectId = (text: string): SubjectId =>
  checked('sub', 'must be 1 to 255 visible ASCII characters', subjectPattern.test(text), text)
export const isClientId = (text: string): text is ClientId => clientPattern.test(text)
export const clientId = (text: string): ClientId =>
  checked('client_id', 'must be 1 to 64 of A-Z a-z 0-9 . _ -', isClientId(text), text)
export const claim = (text: string): Claim =>
  checked('claim', 'must be 32 hex digits', hex32.test(text), text)
export const logId = (text: string): LogId =>
  checked('logId', 'must be 32 hex digits', hex32.test(text), text)

export const epochMs = (value: number): EpochMs =>
  checked('instant', 'must be whole milliseconds', Number.isSafeInteger(value), value)
export const epochSeconds = (value: number): EpochSeconds =>
  checked('instant', 'must be whole seconds', Number.isSafeInteger(value), value)
/** Rounds down, as `iat` does: a token is never younger than it says. */
export const secondsOf = (at: EpochMs): EpochSeconds => Math.floor(at / 1000) as EpochSeconds
export const msOf = (at: EpochSeconds): EpochMs => (at * 1000) as EpochMs

export const sessionStream = (sid: SessionId): StreamId => `s/${sid}`
export const subjectStream = (sub: SubjectId): StreamId => `u/${sub}`
export const clientStream = (client: ClientId): StreamId => `c/${client}`
export const tokenStream = (jti: TokenId): StreamId => `j/${jti}`
export const everyoneStream: StreamId = 'all'
export const eventId = (stream: StreamId, version: number, index: number): EventId =>
  `${stream}:${version}:${index}` as EventId
