/**
 * `curfew-guard`: all that a downstream service needs to refuse ended sessions. Adapters for
 * frameworks are beside it (`curfew-guard/koa`), so that this one brings no framework. It holds no
 * driver and no schema library.
 */
export { type Clock, systemClock } from '../kernel/clock.ts'
export type { FeedSink, RevocationFeed } from '../ports/revocation-feed.ts'
export type { AccessClaims, BearerClaims, BearerKind, SlidingClaims } from '../tokens/claims.ts'
export type { GuardAlarm, OnAlarm } from './alarm.ts'
export { type AttachOptions, attachGuard } from './attach.ts'
export { CallerEnded, type EndedBy } from './caller-ended.ts'
export { configuredForeignIssuer, type ForeignIssuer, foreignIssuer } from './foreign-issuer.ts'
export { createGuard, type Guard, type OnEndedOptions } from './guard.ts'
export type { GuardOptions } from './guard-options.ts'
export {
  answerToCredentials,
  answerToVerdict,
  type Credentials,
  credentialsOf,
  type HttpAnswer,
} from './http-answer.ts'
export {
  type Introspect,
  type Introspection,
  type RemoteIntrospectionOptions,
  remoteIntrospection,
} from './introspection.ts'
export {
  type Caller,
  type GuardHttpOptions,
  type Judged,
  type RequestJudge,
  requestJudge,
} from './judge-request.ts'
export { type RemoteKeysOptions, remoteKeys } from './jwks.ts'
export { fixedKeys, type KeySource, keysBeside } from './key-source.ts'
export type { GuardMetrics, Histogram, VerdictName } from './metrics.ts'
export { type GuardReporter, type GuardReportOptions, reportGuard } from './report.ts'
export { type SseFeedOptions, sseRevocationFeed } from './sse-feed.ts'
export type { GuardLogger } from './told-alarms.ts'
export type { CheckOptions, GuardFreshness, GuardStatus, OnStale, Verdict } from './verdict.ts'
