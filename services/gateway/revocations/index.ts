export {
  appendCutoff,
  type CutoffDeps,
  raiseLongestLifetime,
  type Shared,
} from './append-cutoff.ts'
export { appendRevocation, longestTokenEnd, type RevocationTarget } from './append-revocation.ts'
export { combinedDelivery, type Delivery, type DeliveryDeps, deliver } from './delivery.ts'
export {
  appendSessionEnd,
  deliverUnlessPublished,
  endSessionById,
  publishEnd,
} from './end-session.ts'
export { type ClientDeps, requireKnownClient } from './known-client.ts'
export { agreeOnTokenIds, requireKnownTokenId } from './known-token-id.ts'
export { type Counted, isAnyAlive, livingSessions, stillLiving } from './living-sessions.ts'
export { MassRevocations } from './mass-revocations.ts'
export { idOfTarget, previewOf } from './preview.ts'
export { readCutoffs, readStanding } from './read-standing.ts'
export { revocationFields } from './revocation-settings.ts'
export { setDelivery } from './set-delivery.ts'
