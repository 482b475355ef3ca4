/**
 * `curfew-guard`: all that a downstream service needs to refuse ended sessions. Adapters for
 * frameworks are beside it (`curfew-guard/koa`), so that this one brings no framework. It holds no
 * driver and no schema library.
 */
export { type Clock, systemClock } from '../kernel/clock.ts'
export type { FeedSink, RevocationFeed } from '../ports/revocation-feed.ts'
export type { AccessClaims, BearerClaims, BearerKind, SlidingClaims } from '../tokens/claims.ts'
export type { GuardAlarm, OnAlarm } from './api/alarm.ts'
export { CallerEnded, type EndedBy } from './api/caller-ended.ts'
export type { GuardMetrics, Histogram, VerdictName } from './api/guard-metrics.ts'
export type { TrailSight, TrailWitness } from './api/trail-sight.ts'
export type { CheckOptions, GuardFreshness, GuardStatus, OnStale, Verdict } from './api/verdict.ts'
export { type AttachOptions, attachGuard } from './attach.ts'
export { createGuard, type Guard, type OnEndedOptions } from './create-guard.ts'
export { type SseFeedOptions, sseRevocationFeed } from './feed/index.ts'
export type { GuardOptions } from './guard-options.ts'
export {
  type Introspect,
  type Introspection,
  type RemoteIntrospectionOptions,
  remoteIntrospection,
} from './introspection/index.ts'
export {
  fixedKeys,
  type KeySource,
  keysBeside,
  type RemoteKeysOptions,
  remoteKeys,
} from './keys/index.ts'
export {
  answerToCredentials,
  answerToVerdict,
  type Caller,
  type Credentials,
  credentialsOf,
  type GuardHttpOptions,
  type HttpAnswer,
  type Judged,
  type RequestJudge,
  requestJudge,
} from './middleware/index.ts'
export type { GuardLogger } from './reporting/index.ts'
export {
  type GuardReporter,
  type GuardReportOptions,
  reportGuard,
} from './reporting/index.ts'
export {
  configuredForeignIssuer,
  type ForeignIssuer,
  foreignIssuer,
} from './verification/index.ts'
export { type WitnessTrailOptions, witnessTrail } from './witnessing/index.ts'
