import type { ForeignIssuer } from '../../shared/guard/foreign-issuer.ts'
import { degraded, type Health, ok, type PartHealth, unready } from '../../shared/http/health.ts'
import { logHealth } from '../../shared/http/log-health.ts'
import { isAuthError } from '../../shared/kernel/errors.ts'
import type { EventLog } from '../../shared/ports/event-log.ts'
import { maxClockErrorMs } from './config.ts'
import type { GatewayParts } from './parts.ts'

/** How far a start has come; changed by the loops. */
export type Progress = { prepared: boolean; relay: 'starting' | 'ok' | 'failing' }

// Its outage is no reason to send our own users away.
const foreignHealth = (foreign: ForeignIssuer): PartHealth =>
  foreign.ready() ? ok() : degraded('not fetched: tokens of CURFEW_JWK_ISSUER are refused')

const away = degraded('does not answer: revocations are pending')
const ofSettings = ['LOG_RECORD_TOO_LARGE', 'LOG_THROTTLED', 'LOG_REPLICAS_MISSING'] as const

/** What the log refuses, where a setting of the broker is the reason and its name is known. */
const refusalOf = (publisher: GatewayParts['publisher']): PartHealth | null => {
  const trouble = publisher.trouble()
  const isNamed = ofSettings.some((code) => isAuthError(trouble, code))
  return trouble && isNamed ? degraded(trouble.message) : null
}

/** What `/readyz` says. */
export const healthOf = (
  parts: Pick<GatewayParts, 'storeClock' | 'tokens' | 'publisher'>,
  log: EventLog,
  { prepared, relay }: Progress,
): Health => {
  const { foreign } = parts.tokens
  const errorMs = parts.storeClock.errorMs()
  return {
    store: prepared ? ok() : unready('not reached yet'),
    clock:
      errorMs <= maxClockErrorMs
        ? ok()
        : unready(`the store's clock is known to ${Math.round(errorMs)} ms only`),
    // Logins and logouts go on without the log; they answer `pending` and the relay tells later.
    log: refusalOf(parts.publisher) ?? logHealth(log, away),
    relay: relay === 'starting' ? unready(relay) : relay === 'ok' ? ok() : degraded(relay),
    ...(foreign ? { foreignKeys: foreignHealth(foreign) } : {}),
  }
}
