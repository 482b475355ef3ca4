import type { TokenNames } from '../../../shared/fleet/token-names.ts'
import type { AuthError } from '../../../shared/kernel/errors.ts'
import type { Meter } from '../../../shared/metrics/meter.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { TrailHeads } from '../../../shared/ports/trail-heads.ts'
import type { KeyFiles } from '../../../shared/tokens/key-rings/index.ts'
import { GuardWatch } from '../guards/index.ts'
import { type PendingEvents, type Publication, runRelay } from '../publication/index.ts'
import { runTransmitter, type Ssf } from '../ssf/index.ts'
import type { SettingDigests } from './changed-settings.ts'
import { alarmDeletedRevocations } from './deleted-revocations-alarm.ts'
import { topicConflict, watchFleet } from './fleet-watch.ts'
import type { GatewayCallHealth, ObservedPorts } from './gateway-call-health.ts'
import type { Progress } from './gateway-health.ts'
import { type HousekeepingSettings, type KeepingDeps, runHousekeeping } from './housekeeping.ts'
import { prepare } from './prepare-gateway.ts'

type Ports = ObservedPorts &
  Readonly<{
    log: EventLog
    keys: KeyFiles
    meter?: Meter | null
    /** The name of `auth.revocations` on the broker; absent if the log is not Kafka. */
    topics?: string | null
  }>

type StartDeps = Readonly<{
  ports: Ports
  settings: Readonly<{ tickMs: number; changeNames: readonly string[] }> & HousekeepingSettings
  /** Keyed hashes of all settings that the gateways of a fleet share. */
  digests: SettingDigests
  /** What the gateway notices by itself. */
  pending: PendingEvents
  rooms: KeepingDeps & Readonly<{ ssf: Ssf; trailHeads: TrailHeads | null }>
  publication: Publication
  progress: Progress
  evidence: GatewayCallHealth
  /** Issuer, audience and cookie names, on which the gateways of a fleet agree. */
  tokens: TokenNames
}>

/**
 * Prepares the gateway, then runs its loops (relay, housekeeping, receivers) until `signal` aborts.
 * `fatal` resolves with an error that waiting cannot mend.
 */
export const startGateway = (
  { ports, settings, digests, pending, rooms, publication, ...start }: StartDeps,
  signal: AbortSignal,
): Readonly<{ fatal: Promise<AuthError>; prepared: Promise<void>; ended: Promise<void> }> => {
  const { progress, evidence, tokens } = start
  const { log, keys, topics = null, meter = null } = ports
  const { context, policy, guards, trailHeads } = rooms
  const { publisher } = publication
  const onDeleted = alarmDeletedRevocations({ context, guards, meter })
  const relay = { ...context, ...publication, log, tickMs: settings.tickMs, onDeleted }
  let fail: (error: AuthError) => void = () => {}
  let succeed: () => void = () => {}
  const fatal = new Promise<AuthError>((resolve) => {
    fail = resolve
  })
  const prepared = new Promise<void>((resolve) => {
    succeed = resolve
  })
  const run = async (): Promise<void> => {
    const { ringId, mac } = keys
    const eventsRingId = keys.logRings.events.ringId
    const personalRingId = keys.personal.ringId
    const changing = settings.changeNames
    const rings = { ringId, eventsRingId, personalRingId }
    const identity = { ...rings, fleet: mac.fleet, topics, tokens, changing }
    const preparing = { context, policy, publisher, settings: digests, pending }
    const outcome = await prepare(preparing, identity, signal)
    const fleetWatch = { ...context, log, ring: mac, progress }
    const fatal = outcome.fatal ?? (topics === null ? null : await topicConflict(fleetWatch))
    if (fatal) fail(fatal)
    if (!outcome.prepared || fatal) return
    progress.prepared = true
    succeed()
    let isFirst = topics !== null
    const onRun = (failure: Error | null): void => {
      if (failure) evidence.relay.failed(failure)
      else evidence.relay.succeeded()
      // On an empty topic another fleet may have written first; after the first run that is known.
      if (isFirst && !failure) void topicConflict(fleetWatch).then((error) => error && fail(error))
      isFirst = false
      const outcome = failure ? 'failed' : 'finished'
      meter?.count('curfew_relay_runs_total', { outcome })
    }
    await Promise.all([
      runRelay(relay, onRun, signal),
      runHousekeeping(rooms, settings, signal),
      pending.run({ context, publisher }, signal),
      new GuardWatch({ context, publisher, guards, trailHeads }).run(signal),
      runTransmitter(rooms.ssf.transmitter, signal),
      rooms.ssf.polls.run(signal),
      ...(topics === null ? [] : [watchFleet(fleetWatch, signal)]),
    ])
  }
  const ended = Promise.all([run(), evidence.run(ports, signal)]).then(() => {})
  return { fatal, prepared, ended }
}
