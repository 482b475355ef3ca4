import type { Clock } from '../kernel/clock.ts'
import { AuthError } from '../kernel/errors.ts'
import type { RevocationFeed } from '../ports/revocation-feed.ts'
import type { BearerKind } from '../tokens/claims.ts'
import { leewayMsMax } from '../tokens/verification/index.ts'
import type { OnAlarm } from './api/alarm.ts'
import type { Trust } from './api/trust.ts'
import type { OnStale } from './api/verdict.ts'
import type { Introspect } from './introspection/index.ts'
import type { KeySource } from './keys/index.ts'
import { type GuardLogger, loggedAlarms, standardErrorLogger } from './reporting/index.ts'
import type { ForeignIssuer } from './verification/index.ts'

export type GuardOptions = Readonly<{
  /** Exactly the `iss` of the gateway's tokens: its public URL. */
  issuer: string
  /** The `aud` of tokens meant for this service: one name, or several of which any will do. */
  audience: string | readonly string[]
  /** Which tokens authenticate. Default: access tokens alone. */
  accept?: readonly BearerKind[]
  keys: KeySource
  feed: RevocationFeed
  clock: Clock
  /** How old the guard's knowledge may be before `onStale` decides. Default 5 s. */
  maxStalenessMs?: number
  /** How much the clocks of store and guard may differ. Default 1 s. */
  maxClockErrorMs?: number
  /** Default `introspect`. */
  onStale?: OnStale
  /** Needed by `introspect`. */
  introspect?: Introspect | null
  /**
   * How long an answer of the introspection is used again, from the question on: from 0, which asks
   * for each check, to `maxStalenessMs`, the default. While a guard is stale, that is how long a
   * token goes on after its logout.
   */
  introspectionKeptMs?: number
  /** How long past `exp` a token is good, at most 60 s. Default 0. */
  leewayMs?: number
  /** Another issuer whose access tokens are good too; its key set never makes a guard unready. */
  foreign?: ForeignIssuer | null
  /** How long a check waits for its `minPosition`, at most 60 s. Default 2 s. */
  positionWaitMs?: number
  /** About how much memory verified tokens may take; 0 keeps none. Default 64 MiB. */
  tokenCacheBytes?: number
  /** Called at once, from within, each time; must not throw. */
  onAlarm?: OnAlarm
  /**
   * Is told of each alarm in one line, at once and while the trouble lasts once a minute. Without
   * it, and without `onAlarm`, standard error is.
   */
  logger?: GuardLogger
  /** What a gateway that is discovered later says of itself; it stands in for the options above. */
  learned?: () => Partial<Trust>
}>

export type ResolvedGuardOptions = Required<Omit<GuardOptions, 'logger'>>

// The gateway closes time every 250 ms: with less room, a guard would be stale by design.
const ticksMs = 3 * 250
const positionWaitMsMax = 60_000

const defaults = {
  maxStalenessMs: 5_000,
  maxClockErrorMs: 1_000,
  onStale: 'introspect',
  introspect: null,
  foreign: null,
  leewayMs: 0,
  // More than the clock error and a few ticks, after which even a position of an unknown log is
  // told reached or not.
  positionWaitMs: 2_000,
  tokenCacheBytes: 64 * 1024 * 1024,
  accept: ['access'],
  learned: () => ({}),
} as const satisfies Partial<GuardOptions>

const isWithin = (value: number, least: number, most: number): boolean =>
  value >= least && value <= most

const mistakesIn = (options: ResolvedGuardOptions): string[] => {
  const { issuer, audience, maxStalenessMs, maxClockErrorMs, leewayMs } = options
  const least = maxClockErrorMs + ticksMs
  const rules: readonly (readonly [boolean, string])[] = [
    // An empty one would switch the check of the claim off.
    [issuer !== '' && audience.length > 0, 'issuer and audience must be given'],
    [maxStalenessMs >= least, `maxStalenessMs must be at least ${least}`],
    [isWithin(leewayMs, 0, leewayMsMax), 'leewayMs must be from 0 to 60000'],
    [
      isWithin(options.positionWaitMs, 0, positionWaitMsMax),
      'positionWaitMs must be from 0 to 60000',
    ],
    [
      isWithin(options.introspectionKeptMs, 0, maxStalenessMs),
      'introspectionKeptMs must be from 0 to maxStalenessMs',
    ],
    [options.tokenCacheBytes >= 0, 'tokenCacheBytes must not be negative'],
    [
      options.onStale !== 'introspect' || options.introspect !== null,
      'onStale "introspect" needs introspect; or choose "deny" or "allow"',
    ],
  ]
  return rules.flatMap(([isRight, mistake]) => (isRight ? [] : [mistake]))
}

type AlarmOptions = Pick<GuardOptions, 'onAlarm' | 'clock'> & { logger: GuardLogger | undefined }

const alarmHandler = ({ onAlarm, logger, clock }: AlarmOptions): OnAlarm => {
  if (onAlarm && !logger) return onAlarm
  const tell = loggedAlarms(logger ?? standardErrorLogger, clock)
  return (alarm) => {
    tell(alarm)
    onAlarm?.(alarm)
  }
}

/** @throws AuthError CONFIG_INVALID with every mistake. */
export const resolveGuardOptions = ({ logger, ...given }: GuardOptions): ResolvedGuardOptions => {
  const { maxStalenessMs = defaults.maxStalenessMs } = given
  const onAlarm = alarmHandler({ ...given, logger })
  const options = { ...defaults, introspectionKeptMs: maxStalenessMs, ...given, onAlarm }
  const mistakes = mistakesIn(options)
  if (mistakes.length > 0) {
    throw new AuthError('CONFIG_INVALID', `the guard cannot start: ${mistakes.join('; ')}`)
  }
  return options
}
