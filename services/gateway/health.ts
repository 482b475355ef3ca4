import type { ForeignIssuer } from '../../shared/guard/foreign-issuer.ts'
import type { Health } from '../../shared/http/health.ts'
import type { EventLog } from '../../shared/ports/event-log.ts'
import { maxClockErrorMs } from './config.ts'
import type { GatewayParts } from './parts.ts'

/** How far a start has come; changed by the loops. */
export type Progress = { prepared: boolean; relay: 'starting' | 'ok' | 'failing' }

// Its outage is no reason to send our own users away.
const foreignState = (foreign: ForeignIssuer): string =>
  foreign.ready() ? 'ok' : 'not fetched: tokens of CURFEW_JWK_ISSUER are refused'

/** What `/readyz` says. */
export const healthOf = (
  parts: Pick<GatewayParts, 'storeClock' | 'tokens'>,
  log: EventLog,
  { prepared, relay }: Progress,
): Health => {
  const { foreign } = parts.tokens
  const errorMs = parts.storeClock.errorMs()
  const clockIsGood = errorMs <= maxClockErrorMs
  return {
    store: { ready: prepared, state: prepared ? 'ok' : 'not reached yet' },
    clock: {
      ready: clockIsGood,
      state: clockIsGood ? 'ok' : `the store's clock is known to ${Math.round(errorMs)} ms only`,
    },
    // Logins and logouts go on without the log; they answer `pending` and the relay tells later.
    log: { ready: true, state: log.healthy() ? 'ok' : 'does not answer: revocations are pending' },
    relay: { ready: relay !== 'starting', state: relay },
    ...(foreign ? { foreignKeys: { ready: true, state: foreignState(foreign) } } : {}),
  }
}
