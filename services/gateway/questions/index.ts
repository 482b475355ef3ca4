export {
  type Answer,
  type AskedPage,
  answerQuestion,
  isCursorOf,
  readingOf,
} from './answer-question.ts'
export { completeFrom } from './complete-from.ts'
export { answeredWithin, type Coverage, coverageOf } from './coverage.ts'
export { guardRefusals, type Measured, measuredAfter } from './guard-refusals.ts'
export { newAddresses } from './new-addresses.ts'
export type { Question } from './question.ts'
export { eventsOf, type Known, mapEach } from './question-rows.ts'
export { type AgeDeps, SessionAge, sessionAge } from './session-age.ts'
export { sessionEnd, tokensOf } from './session-tokens.ts'
export { type HeldSession, sessionsHeldAt } from './sessions-held.ts'
export { usedAfter, usedAfterCursor } from './used-after.ts'
