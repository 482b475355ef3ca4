import type { Origin } from '../events/event.ts'
import type { SubjectId } from '../kernel/ids.ts'

/** A user, as tokens and `GET /me` speak of them. */
export type UserIdentity = Readonly<{
  /** Random or at least never given to anybody else, and never changed: revocations go by it. */
  sub: SubjectId
  /** What services know the user by (the user-id claim); `sub`, where there is no other. */
  id: string
  username: string
  roles: readonly string[]
}>

export type LoginAttempt = Readonly<{
  username: string
  password: string
  /** The subject that `subjectOf` named before the cutoffs were read; `null` = nobody. */
  sub: SubjectId | null
  origin: Origin
}>

export type PasswordVerdict =
  | Readonly<{ outcome: 'verified'; person: UserIdentity }>
  | Readonly<{ outcome: 'refused'; why: 'unknown_user' | 'wrong_password' | 'inactive' }>
  /** The name is somebody else's by now, or a change had to be completed: begin anew. */
  | Readonly<{ outcome: 'changed' }>

export type AccountState =
  | Readonly<{ state: 'active' | 'inactive'; person: UserIdentity }>
  | Readonly<{ state: 'absent' }>
  /** A change had to be completed: what was read of the store before may be old. */
  | Readonly<{ state: 'changed' }>

/**
 * What a login and a refresh ask about a user, wherever users are kept. The built-in directory
 * answers it, and so does a team's own service behind HTTP.
 * - A login calls `subjectOf`, reads the cutoffs of that subject, and only then calls `verify`, so
 *   that a password which changed in between opens a session that is born dead. `verify` therefore
 *   never answers for another subject than it was asked for.
 * - `verify` costs about the same for an unknown name (`sub` is `null`) as for a known one.
 * - `verify` is called once for each attempt: it may count failures.
 * - Answers are what the directory says at that instant. That sessions end when a user changes is
 *   not promised here: the built-in directory writes a cutoff, any other calls `POST /revocations`.
 * Rejects with DIRECTORY_UNAVAILABLE, STORE_UNAVAILABLE or OVERLOADED; nothing is known then.
 */
export interface Credentials {
  /** Names are compared as the directory compares them. */
  subjectOf(username: string): Promise<SubjectId | null>
  verify(attempt: LoginAttempt): Promise<PasswordVerdict>
  bySub(sub: SubjectId): Promise<AccountState>
}
