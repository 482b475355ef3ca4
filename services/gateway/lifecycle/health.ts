import type { ForeignIssuer } from '../../../shared/guard/index.ts'
import { healthOfCalls, inSeconds, storeReasonOf } from '../../../shared/http/call-health.ts'
import { degraded, type Health, ok, type PartHealth, unready } from '../../../shared/http/health.ts'
import { logHealth } from '../../../shared/http/log-health.ts'
import { logReasonOf } from '../../../shared/http/log-reason.ts'
import { isAuthError, isStoreFailure } from '../../../shared/kernel/errors.ts'
import type { CallHealth } from '../../../shared/kernel/process/call-health.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import { type CommandContext, maxClockErrorMs, type Publisher } from '../publication/index.ts'
import type { Tokens } from '../tokens/index.ts'
import type { GatewayEvidence } from './evidence.ts'

/** How far a start has come; changed by the loops. */
export type Progress = {
  prepared: boolean
  /** What to do about another fleet that writes to the same topics. */
  foreign: string | null
}

/** What nobody's calls tell. */
export type Troubles = Readonly<{
  /** What the store lacks and no waiting mends, such as indexes that are refused. */
  store: () => Error | null
  /** Why the key files cannot be read anew. */
  keys: () => Error | null
}>

// Its outage is no reason to send our own users away.
const foreignHealth = (foreign: ForeignIssuer): PartHealth =>
  foreign.ready() ? ok() : degraded('not fetched: tokens of CURFEW_JWK_ISSUER are refused')

const ofSettings = ['LOG_RECORD_TOO_LARGE', 'LOG_THROTTLED', 'LOG_REPLICAS_MISSING'] as const

/** What the log refuses, where a setting of the broker is the reason and its name is known. */
const refusalOf = (publisher: Publisher): PartHealth | null => {
  const trouble = publisher.trouble()
  const isNamed = ofSettings.some((code) => isAuthError(trouble, code))
  return trouble && isNamed ? degraded(trouble.message) : null
}

const appendFailuresMax = 3
/** Without traffic nothing is appended: after this long it is tried again. */
const appendMemoryMs = 15_000

const storeHealth = (
  { store, appends, users }: GatewayEvidence,
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
  return appends.failuresWithin(appendMemoryMs) >= appendFailuresMax
    ? unready(`takes no commits: ${storeReasonOf(appends.failure)}`)
    : ok()
}

const logFailureOf = ({ relay: { failure } }: GatewayEvidence): Error | null =>
  isAuthError(failure) && failure.code.startsWith('LOG_') ? failure : null

const relayHealth = (evidence: GatewayEvidence, log: EventLog): PartHealth => {
  const { relay, withinMs } = evidence
  const failure = logFailureOf(evidence)
  const why =
    failure || !log.healthy() ? `the log ${logReasonOf(failure)}` : storeReasonOf(relay.failure)
  // Such a run did all but what the topic would lose: a restart must not take logins down.
  if (isAuthError(relay.failure, 'LOG_TOPIC_WRONG')) return degraded(`revocations wait: ${why}`)
  if (relay.state() === 'none') return unready(`starting: no complete run yet; ${why}`)
  if (relay.ageMs() <= withinMs && relay.failure === null) return ok()
  return degraded(`no complete run for ${inSeconds(relay.ageMs())}: ${why}`)
}

const logStanding = (evidence: GatewayEvidence, log: EventLog): PartHealth => {
  // By whole runs of the relay: of the calls within one, some are answered while others are not.
  const failure = logFailureOf(evidence)
  const away = degraded(`${logReasonOf(failure)}: revocations are pending`)
  return failure === null ? logHealth(log, away) : away
}

const passwordsHealth = (evidence: GatewayEvidence): PartHealth => {
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

type Known = Readonly<{
  context: Pick<CommandContext, 'storeClock'>
  publisher: Publisher
  tokens: Pick<Tokens, 'issuer'>
  log: EventLog
  progress: Progress
  evidence: GatewayEvidence
  troubles: Troubles
}>

/**
 * What `/readyz` says: whether a login, a refresh and a logout could be served now, by what was
 * seen within the last seconds. It asks nobody, so it answers while everything hangs.
 */
export const healthOf = (known: Known): Health => {
  const { context, publisher, tokens, log, progress, evidence, troubles } = known
  const { foreign } = tokens.issuer
  const { ownDirectory } = evidence
  const errorMs = context.storeClock.errorMs()
  return {
    store: storeHealth(evidence, progress, troubles.store()),
    clock:
      errorMs <= maxClockErrorMs
        ? ok()
        : unready(`the store's clock is known to ${Math.round(errorMs)} ms only`),
    // Logins and logouts go on without the log; they answer `pending` and the relay tells later.
    log: refusalOf(publisher) ?? logStanding(evidence, log),
    relay: relayHealth(evidence, log),
    passwords: passwordsHealth(evidence),
    keys: troubles.keys() ? degraded('the files cannot be read anew: see the log') : ok(),
    process: processHealth(evidence.stalledMs()),
    ...(ownDirectory ? { directory: directoryHealth(ownDirectory) } : {}),
    ...(progress.foreign === null ? {} : { fleet: degraded(progress.foreign) }),
    ...(foreign ? { foreignKeys: foreignHealth(foreign) } : {}),
  }
}
