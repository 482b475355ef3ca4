export { deadLetterAt, deadLetterBody, deadLetters } from './dead-letters.ts'
export { EventRates } from './event-rates.ts'
export {
  type FindDeps,
  type FoundSession,
  findSessions,
  type SessionFilter,
  sessionStates,
} from './find-sessions.ts'
export { type KnownClient, knownClients } from './known-clients.ts'
export { lifeOfSession, type SessionLife, sessionOfId } from './life-of-session.ts'
export { namesOf } from './names-of.ts'
export { openOperators } from './open-operators.ts'
export { type OverviewDeps, overviewOf } from './overview.ts'
export { overviewBody } from './overview-body.ts'
export { receiverBody, receiverStandings } from './receiver-standing.ts'
export { foundSessionBody, toldSessionBody } from './session-body.ts'
