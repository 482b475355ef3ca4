import type { NewCommit } from '../../../shared/events/commit.ts'
import type { Origin } from '../../../shared/events/event.ts'
import type { EpochMs, SessionId } from '../../../shared/kernel/ids.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import type { CutoffTarget } from '../../../shared/session/cutoff-commit.ts'
import { cutoffExpiry, type SessionPolicy } from '../../../shared/session/session-policy.ts'
import { appendCutoff, type CutoffDeps, longestLifetimeInForce } from './append-cutoff.ts'
import { appendSessionEnd } from './append-session-end.ts'
import { appendTokenEnd, type EndedToken } from './append-token-end.ts'

/** What a revocation may end. */
export type RevocationTarget =
  | (Readonly<{ scope: 'token' }> & EndedToken)
  | Readonly<{ scope: 'session'; sid: SessionId }>
  | CutoffTarget

/** The id in a target; `null` for everyone. */
export const idOfTarget = (target: RevocationTarget): string | null => {
  switch (target.scope) {
    case 'token':
      return target.jti
    case 'session':
      return target.sid
    case 'subject':
      return target.sub
    case 'client':
      return target.client
    case 'all':
      return null
  }
}

/**
 * Appends one commit that ends what `target` names. `null` when there is no such session.
 * Rejects with STORE_UNAVAILABLE, STORE_CONTENDED.
 */
export const appendRevocation = (
  deps: CutoffDeps,
  target: RevocationTarget,
  origin: Origin,
): Promise<NewCommit | null> => {
  switch (target.scope) {
    case 'token':
      return appendTokenEnd(deps, target, origin)
    case 'session':
      return appendSessionEnd(deps, { sid: target.sid, reason: 'revoked', origin })
    default:
      return appendCutoff(deps, { target, reason: 'revoked', origin })
  }
}

/** Until when the end of a token must be remembered if only its id is known. */
export const latestTokenExpiry = async (
  store: EventStore,
  policy: SessionPolicy,
  now: EpochMs,
): Promise<EpochMs> => cutoffExpiry(now, await longestLifetimeInForce(store, policy))
