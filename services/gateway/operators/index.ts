export {
  deadLetterBody,
  deadLetters,
  everyLetter,
  type LetterState,
  letterStates,
  settledLetterAt,
} from './dead-letters.ts'
export { EventRates } from './event-rates.ts'
export {
  type FindDeps,
  type FoundSession,
  findSessions,
  type SessionFilter,
  sessionStates,
} from './find-sessions.ts'
export { type KnownClient, knownClients } from './known-clients.ts'
export { letterOffsetIn } from './letters-from.ts'
export { namesOf } from './names-of.ts'
export { openOperators } from './open-operators.ts'
export { type OverviewDeps, overviewBody, overviewOf } from './overview.ts'
export { receiverBody, receiverStandings } from './receiver-standing.ts'
export {
  foundSessionBody,
  lifeOfSession,
  type SessionLife,
  sessionOfId,
  toldSessionBody,
} from './session-life.ts'
export { type SettleDeps, settleLetter } from './settle-letter.ts'
export { type Settlement, settlements } from './settled-letters.ts'
