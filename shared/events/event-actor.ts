import { type Actor, type AuthEvent, auditorActor, gatewayActor } from './event.ts'

/** As an event's envelope and log lines spell it: `user:<sub>`. */
export const actorText = (actor: Actor | null): string | null => actor && `${actor.by}:${actor.id}`

/**
 * On whose word an event happened, whatever its version: a user is whoever had that user's password
 * or token. `null` where nobody is known, as of a login that failed, and where an older version did
 * not say.
 */
export const actorOf = (event: AuthEvent): Actor | null => {
  switch (event.type) {
    case 'TokenIssued':
    case 'SteppedUp':
    case 'GraceReplayed':
    case 'ReuseDetected':
      return { by: 'user', id: event.data.sub }
    case 'GuardAttached':
    case 'GuardStale':
    case 'GuardFresh':
    case 'TrailDisputed':
      return { by: 'service', id: event.data.client }
    case 'LifetimeRaised':
    case 'KeyRotated':
    case 'KeyRemoved':
    case 'SettingsChanged':
    case 'GuardGone':
    case 'PropagationMeasured':
      return gatewayActor
    case 'InvariantBroken':
      return auditorActor
    case 'LoginFailed':
    case 'LoginLimited':
    case 'OriginRefused':
      return null
    default:
      return event.data.actor
  }
}
