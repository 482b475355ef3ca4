export {
  type Answer,
  type AskedPage,
  answerQuestion,
  isCursorOf,
  type Question,
  readingOf,
} from './answer-question.ts'
export { askedActor } from './asked-actor.ts'
export { type Coverage, coverageOf } from './coverage.ts'
export { type Held, heldAt } from './held.ts'
export { newAddresses } from './new-addresses.ts'
export { eventsOf, type Known, mapEach } from './question-rows.ts'
export { type Measured, measuredAfter, refusalsOf } from './refusals.ts'
export { sessionEnd, tokensOf } from './session-tokens.ts'
export { usedAfter, usedAfterCursor } from './used-after.ts'
