export {
  appendCutoff,
  type CutoffDeps,
  raiseLongestLifetime,
  type SharedClaim,
} from './append-cutoff.ts'
export {
  appendRevocation,
  appendSessionEnd,
  deliverUnlessPublished,
  endSessionById,
  idOfTarget,
  latestTokenExpiry,
  publishEnd,
  type RevocationTarget,
} from './append-revocation.ts'

export {
  combinedDelivery,
  type Delivery,
  type DeliveryDeps,
  deliver,
  receiptPaths,
  revokingEvents,
  setDeliveryHeaders,
} from './deliver-revocation.ts'
export {
  hasUnexpiredSession,
  livingSessions,
  type SessionCount,
  withoutCutOff,
} from './living-sessions.ts'
export { MassRevocations } from './mass-revocations.ts'
export { previewRevocation } from './preview-revocation.ts'
export { readCutoffs, readSessionAndCutoffs } from './read-session-and-cutoffs.ts'

export { type ClientDeps, requireKnownClient } from './require-known-client.ts'
export { agreeOnTokenIds, requireKnownTokenId } from './require-known-token-id.ts'
export { revocationFields } from './revocation-settings.ts'
