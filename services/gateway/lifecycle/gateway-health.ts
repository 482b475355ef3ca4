import type { ForeignIssuer } from '../../../shared/guard/index.ts'
import {
  degraded,
  type Health,
  healthOfCalls,
  inSeconds,
  ok,
  type PartHealth,
  storeReasonOf,
  unready,
} from '../../../shared/http/health.ts'
import { logFailureText, logHealth } from '../../../shared/http/log-health.ts'

import { isAuthError, isStoreFailure } from '../../../shared/kernel/errors.ts'
import type { CallHealth } from '../../../shared/kernel/process/call-health.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import { type CommandContext, maxClockErrorMs, type Publisher } from '../publication/index.ts'
import type { Tokens } from '../tokens/index.ts'
import type { GatewayCallHealth } from './gateway-call-health.ts'

/** How far the start has come. The loops change it. */
export type Progress = {
  prepared: boolean
  /** Another fleet writes to the same topics: what to do about it. */
  foreign: string | null
}

/** Trouble that no call to a port shows. */
export type Troubles = Readonly<{
  /** What waiting cannot mend in the store, such as indexes that it refuses. */
  store: () => Error | null
  /** Why the key files could not be read again. */
  keys: () => Error | null
  /** The health of the auditor in the same process. */
  trail?: () => PartHealth
}>

// Degraded only: our own users can still log in.
const foreignHealth = (foreign: ForeignIssuer): PartHealth =>
  foreign.ready() ? ok() : degraded('not fetched: tokens of CURFEW_JWK_ISSUER are refused')

const brokerSettingCodes = [
  'LOG_RECORD_TOO_LARGE',
  'LOG_THROTTLED',
  'LOG_REPLICAS_MISSING',
] as const

/** What the log refuses because of a setting of the broker, which the message names. */
const logRefusalHealth = (publisher: Publisher): PartHealth | null => {
  const trouble = publisher.trouble()
  const isNamed = brokerSettingCodes.some((code) => isAuthError(trouble, code))
  return trouble && isNamed ? degraded(trouble.message) : null
}

const appendFailuresMax = 3
/** Older failures do not count: without traffic no append would ever clear them. */
const appendFailuresWindowMs = 15_000

const storeHealth = (
  { store, appends, users }: GatewayCallHealth,
  { prepared }: Progress,
  trouble: Error | null,
): PartHealth => {
  if (trouble) return unready(storeReasonOf(trouble))
  const answers = healthOfCalls(store, storeReasonOf(store.failure))
  if (answers.standing !== 'ok') return answers
  if (!prepared) return unready('answers, and the gateway is not prepared yet')
  const denied = [users.failure, appends.failure].find(
    (failure) => isStoreFailure(failure) && !failure.retriable,
  )
  if (users.failure && users.failure === denied) return unready(storeReasonOf(denied))
  return appends.failuresWithin(appendFailuresWindowMs) >= appendFailuresMax
    ? unready(`takes no commits: ${storeReasonOf(appends.failure)}`)
    : ok()
}

const logFailureOf = ({ relay: { failure } }: GatewayCallHealth): Error | null =>
  isAuthError(failure) && failure.code.startsWith('LOG_') ? failure : null

const relayHealth = (evidence: GatewayCallHealth, log: EventLog): PartHealth => {
  const { relay, withinMs } = evidence
  const failure = logFailureOf(evidence)
  const why =
    failure || !log.healthy() ? `the log ${logFailureText(failure)}` : storeReasonOf(relay.failure)
  // Degraded only: everything but revocations works, and a restart must not take logins down.
  if (isAuthError(relay.failure, 'LOG_TOPIC_WRONG')) return degraded(`revocations wait: ${why}`)
  if (relay.state() === 'none') return unready(`starting: no complete run yet; ${why}`)
  if (relay.ageMs() <= withinMs && relay.failure === null) return ok()
  return degraded(`no complete run for ${inSeconds(relay.ageMs())}: ${why}`)
}

const logAnswersHealth = (evidence: GatewayCallHealth, log: EventLog): PartHealth => {
  // Judged by whole runs of the relay: within one run some calls may work while others fail.
  const failure = logFailureOf(evidence)
  const unavailable = degraded(`${logFailureText(failure)}: revocations are pending`)
  return failure === null ? logHealth(log, unavailable) : unavailable
}

const passwordsHealth = (evidence: GatewayCallHealth): PartHealth => {
  switch (evidence.passwords()) {
    case 'stuck':
      return unready('hashing stands still')
    case 'refusing':
      return degraded('logins are refused: too many at once')
    case 'ok':
      return ok()
  }
}

const processHealth = (stalledMs: number | null): PartHealth =>
  stalledMs === null ? ok() : degraded(`stood still for ${inSeconds(stalledMs)} lately`)

/** Silence is no trouble here: without logins nobody asks. */
const directoryHealth = (evidence: CallHealth): PartHealth =>
  evidence.failure !== null || evidence.state() === 'settling'
    ? healthOfCalls(evidence, 'it does not answer as documented')
    : ok()

type HealthDeps = Readonly<{
  context: Pick<CommandContext, 'storeClock'>
  publisher: Publisher
  tokens: Pick<Tokens, 'issuer'>
  log: EventLog
  progress: Progress
  evidence: GatewayCallHealth
  troubles: Troubles
}>

/**
 * What `/readyz` says: whether a login, a refresh and a logout could be served now, judged by the
 * calls of the last seconds. It calls nothing itself, so it answers while everything hangs.
 */
export const healthOf = (deps: HealthDeps): Health => {
  const { context, publisher, tokens, log, progress, evidence, troubles } = deps
  const { foreign } = tokens.issuer
  const { ownDirectory } = evidence
  const errorMs = context.storeClock.errorMs()
  return {
    store: storeHealth(evidence, progress, troubles.store()),
    clock:
      errorMs <= maxClockErrorMs
        ? ok()
        : unready(`the store's clock is known to ${Math.round(errorMs)} ms only`),
    // Logins and logouts work without the log: they answer `pending`, and are published later.
    log: logRefusalHealth(publisher) ?? logAnswersHealth(evidence, log),
    relay: relayHealth(evidence, log),
    passwords: passwordsHealth(evidence),
    keys: troubles.keys() ? degraded('the files cannot be read anew: see the log') : ok(),
    process: processHealth(evidence.stalledMs()),
    ...(troubles.trail ? { trail: troubles.trail() } : {}),
    ...(ownDirectory ? { directory: directoryHealth(ownDirectory) } : {}),
    ...(progress.foreign === null ? {} : { fleet: degraded(progress.foreign) }),
    ...(foreign ? { foreignKeys: foreignHealth(foreign) } : {}),
  }
}
