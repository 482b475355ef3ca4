import type { ForeignIssuer } from '../../shared/guard/foreign-issuer.ts'
import { degraded, type Health, ok, type PartHealth, unready } from '../../shared/http/health.ts'
import { logHealth } from '../../shared/http/log-health.ts'
import type { EventLog } from '../../shared/ports/event-log.ts'
import { maxClockErrorMs } from './config.ts'
import type { GatewayParts } from './parts.ts'

/** How far a start has come; changed by the loops. */
export type Progress = { prepared: boolean; relay: 'starting' | 'ok' | 'failing' }

// Its outage is no reason to send our own users away.
const foreignHealth = (foreign: ForeignIssuer): PartHealth =>
  foreign.ready() ? ok() : degraded('not fetched: tokens of CURFEW_JWK_ISSUER are refused')

/** What `/readyz` says. */
export const healthOf = (
  parts: Pick<GatewayParts, 'storeClock' | 'tokens'>,
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
    log: logHealth(log, degraded('does not answer: revocations are pending')),
    relay: relay === 'starting' ? unready(relay) : relay === 'ok' ? ok() : degraded(relay),
    ...(foreign ? { foreignKeys: foreignHealth(foreign) } : {}),
  }
}
