import type {
  Claim,
  ClientId,
  EpochMs,
  EpochSeconds,
  EventId,
  LogId,
  SessionId,
  StreamId,
  SubjectId,
  TokenId,
} from '../kernel/ids.ts'
import type { AuthEvent } from './event.ts'

/**
 * The cutoffs that a session was born under; -1 where there was none. Dead iff any is below its
 * cutoff.
 */
export type Epoch = Readonly<{ sub: number; client: number; all: number }>

export type IssuedToken = Readonly<{ jti: TokenId; iat: EpochSeconds; exp: EpochSeconds }>

/** Where a status list says whether a token ended: the name of the list, and the place in it. */
export type Listing = Readonly<{ list: string; idx: number }>
/**
 * A token that services accept. Its listing is part of the commit, so that a replay says the same;
 * absent where it was issued without.
 */
export type AcceptedToken = IssuedToken & Readonly<{ listed?: Listing }>

type AnySession = Readonly<{
  status: 'live' | 'dead'
  sid: SessionId
  sub: SubjectId
  client: ClientId
  epoch: Epoch
  startedAt: EpochMs
  /**
   * The greatest `exp` of an access or sliding token so far: when the session's revocation may be
   * forgotten.
   */
  accessExpMax: EpochSeconds
  /** The greatest `exp` of any token so far. */
  expMax: EpochSeconds
  /**
   * When its user gave the password; absent where that was at its start. A session that took the
   * place of another one without a password has that of the one before.
   */
  authenticatedAt?: EpochMs
  /** Its cookies go with the browser; absent where they last as long as their tokens. */
  untilClosed?: true
}>

/** A session of access and refresh tokens. */
export type PairSession = AnySession &
  Readonly<{
    /** The one refresh token that may rotate, by the version of the commit that issued it. */
    current: Readonly<{ version: number; token: IssuedToken }>
    access: AcceptedToken
    /**
     * Refresh tokens that rotation ended lately, oldest first: who presents one within the grace is
     * no thief.
     */
    recent: readonly Readonly<{ version: number; jti: TokenId; at: EpochMs }>[]
    /**
     * Versions in [from, to) were superseded while blacklisting was off: a later 401, never reuse.
     * Below `plainBelow`, where it was switched off more than once, some may have been: 401 for
     * all.
     */
    unlisted: Readonly<{ from: number; to: number; plainBelow?: number }> | null
    /**
     * The custom claims of this commit's tokens, when a hook was asked at the refresh: encrypted
     * under the replaced token, so that a replay answers the same and nobody else can read them.
     */
    sealed?: string
  }>

/** A session of one sliding token: a renewal keeps its `jti` and `refresh_exp` (Simple-JWT). */
export type SlidingSession = AnySession &
  Readonly<{ sliding: Readonly<{ token: AcceptedToken; refreshExp: EpochSeconds }> }>

/**
 * A session as it is after a commit: all that the next decision needs, so no stream is ever
 * replayed.
 */
export type SessionState = PairSession | SlidingSession

export const isSliding = (session: SessionState): session is SlidingSession => 'sliding' in session

export type CommitId = Readonly<{ s: StreamId; v: number }>

/**
 * One atomic append: a few events, the state after them, one version. The stored format is a
 * promise: `format` 1 is described by `test/golden/commits/`.
 */
export type NewCommit = Readonly<{
  format: 1
  id: CommitId
  at: EpochMs
  events: readonly AuthEvent[]
  claim: Claim
  /**
   * The id of the request that appended it, as answer and log lines have it; absent where none did,
   * as of the command line, and in commits of older versions.
   */
  request?: string
  /**
   * What its events say of persons, sealed (`sealed-text.ts`); absent where nothing is, as in
   * commits of older versions, whose events say it themselves.
   */
  personal?: string
  /** `r` holds a revocation that guards must learn, `o` any other. */
  kind: 'r' | 'o'
  session: SessionState | null
  /**
   * On `u/`, `c/` and `all`: the version of the newest cutoff so far (this commit included), else
   * -1.
   */
  cutoff: number
  /** On `all`: the longest access or sliding lifetime ever in force, in ms; 0 elsewhere. */
  longestMs: number
  /** When the database may delete it; `null` = never (streams of cutoffs). */
  expiresAt: EpochMs | null
}>

export type Published = Readonly<{ logId: LogId; offset: number | null }>
export type Commit = NewCommit & Readonly<{ published: Published | null }>

export const eventIdIn = ({ id }: NewCommit, index: number): EventId =>
  `${id.s}:${id.v}:${index}` as EventId
export const sameCommit = (a: CommitId, b: CommitId): boolean => a.s === b.s && a.v === b.v
