import {
  agreeOnFleet,
  agreeOnRing,
  type FleetNames,
} from '../../../shared/fleet/fleet-agreement.ts'
import { noteLongestSession } from '../../../shared/fleet/longest-session.ts'
import { agreeOnNames, type TokenNames } from '../../../shared/fleet/token-names.ts'
import { AuthError, isAuthError } from '../../../shared/kernel/errors.ts'
import { RepeatedTrouble } from '../../../shared/kernel/logging/repeated-trouble.ts'
import type { PendingEvents, Publisher } from '../publication/index.ts'
import { agreeOnTokenIds, type CutoffDeps, raiseLongestLifetime } from '../revocations/index.ts'
import { type SettingDigests, tellChangedSettings } from './changed-settings.ts'

type PreparationDeps = CutoffDeps &
  Readonly<{
    publisher: Publisher
    settings: SettingDigests
    pending: Pick<PendingEvents, 'add'>
  }>

const pauseMs = 250

/**
 * What all gateways of a fleet must agree on. `ringId` is one name for all their keys but those of
 * events and of persons, which are younger than it.
 */
export type FleetIdentity = FleetNames &
  Readonly<{
    ringId: string
    eventsRingId: string
    personalRingId: string
    tokens: TokenNames
    changing: readonly string[]
  }>
type Preparation = Readonly<{ prepared: boolean; fatal: AuthError | null }>

/**
 * What a gateway must do before it signs anything: read the store's clock, agree with the fleet on
 * the keys and on the names in tokens, and record on the stream `all` the longest lifetime that it
 * may issue (decision 0073: everyone’s cutoff is forgotten before the tokens it ends).
 */
const prepareOnce = async (
  deps: PreparationDeps,
  { ringId, eventsRingId, personalRingId, tokens, changing, ...names }: FleetIdentity,
): Promise<void> => {
  const { store, storeClock, clock } = deps.context
  const sentMs = clock.monotonicMs()
  const { tick } = await store.relayScan(1)
  storeClock.observe(tick.t, sentMs, clock.monotonicMs())
  const agreed = await store.agree('key-ring', ringId)
  if (agreed !== ringId) {
    const fix = 'give every gateway the same CURFEW_KEYS_DIR files'
    throw new AuthError('KEYS_INVALID', `these keys are not those of this store's fleet: ${fix}`)
  }
  await agreeOnRing(store, 'events', eventsRingId)
  await agreeOnRing(store, 'personal', personalRingId)
  await agreeOnFleet(store, names)
  await agreeOnNames(store, tokens, changing)
  await agreeOnTokenIds(deps)
  await noteLongestSession(store, deps.policy, storeClock.now())
  await raiseLongestLifetime(deps)
  await tellChangedSettings(deps.context, deps.settings, deps.pending)
}

/**
 * Tries until it succeeds or `signal` aborts. An error that waiting cannot mend is `fatal`.
 */
export const prepare = async (
  deps: PreparationDeps,
  fleet: FleetIdentity,
  signal: AbortSignal,
): Promise<Preparation> => {
  const troubles = new RepeatedTrouble(deps.context.clock)
  while (!signal.aborted) {
    try {
      await prepareOnce(deps, fleet)
      return { prepared: true, fatal: null }
    } catch (error) {
      if (isAuthError(error, 'KEYS_INVALID') || isAuthError(error, 'FLEET_CONFLICT')) {
        return { prepared: false, fatal: error }
      }
      const times = troubles.occurred((error as Error).message)
      if (times !== null) {
        deps.context.logger.warn({ error: error as Error, times }, 'waiting for the event store')
      }
      await deps.context.clock.sleep(pauseMs, signal)
    }
  }
  return { prepared: false, fatal: null }
}
