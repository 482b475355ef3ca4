import { agreeOnFleet, type FleetNames } from '../../../shared/fleet/fleet-agreement.ts'
import { agreeOnNames, type TokenNames } from '../../../shared/fleet/token-names.ts'
import { AuthError, isAuthError } from '../../../shared/kernel/errors.ts'
import { ToldOnce } from '../../../shared/kernel/told-once.ts'
import type { GatewayParts } from '../parts.ts'
import { raiseLongestLifetime } from '../revocations/append-cutoff.ts'
import { agreeOnTokenIds } from '../revocations/known-token-id.ts'

const pauseMs = 250

/** `ringId` names all keys together. */
export type FleetIdentity = FleetNames &
  Readonly<{ ringId: string; tokens: TokenNames; changing: readonly string[] }>
type Outcome = Readonly<{ prepared: boolean; fatal: AuthError | null }>

/**
 * What a gateway must have done before it signs anything: know the store's clock, agree with the
 * fleet on the keys and on what tokens say, and have told `all` the longest lifetime it may issue
 * (decision 0073: everyone’s cutoff is forgotten before the tokens it ends).
 */
const prepareOnce = async (
  parts: GatewayParts,
  { ringId, tokens, changing, ...names }: FleetIdentity,
): Promise<void> => {
  const { store, storeClock, clock } = parts
  const sentMs = clock.monotonicMs()
  const { tick } = await store.relayScan(1)
  storeClock.observe(tick.t, sentMs, clock.monotonicMs())
  const agreed = await store.agree('key-ring', ringId)
  if (agreed !== ringId) {
    const fix = 'give every gateway the same CURFEW_KEYS_DIR files'
    throw new AuthError('KEYS_INVALID', `these keys are not those of this store's fleet: ${fix}`)
  }
  await agreeOnFleet(store, names)
  await agreeOnNames(store, tokens, changing)
  await agreeOnTokenIds(parts)
  await raiseLongestLifetime(parts)
}

/**
 * Tries until the store answers or `signal` aborts. A mistake that waiting cannot mend is `fatal`.
 */
export const prepare = async (
  parts: GatewayParts,
  fleet: FleetIdentity,
  signal: AbortSignal,
): Promise<Outcome> => {
  const told = new ToldOnce(parts.clock)
  while (!signal.aborted) {
    try {
      await prepareOnce(parts, fleet)
      return { prepared: true, fatal: null }
    } catch (error) {
      if (isAuthError(error, 'KEYS_INVALID') || isAuthError(error, 'FLEET_CONFLICT')) {
        return { prepared: false, fatal: error }
      }
      const times = told.met((error as Error).message)
      if (times !== null) {
        parts.logger.warn({ error: error as Error, times }, 'waiting for the event store')
      }
      await parts.clock.sleep(pauseMs, signal)
    }
  }
  return { prepared: false, fatal: null }
}
