import type { TokenNames } from '../../../shared/fleet/token-names.ts'
import type { AuthError } from '../../../shared/kernel/errors.ts'
import type { Meter } from '../../../shared/metrics/meter.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { KeyFiles } from '../../../shared/tokens/key-rings/index.ts'
import { type Publication, runRelay } from '../publication/index.ts'
import { runTransmitter, type Ssf } from '../ssf/index.ts'
import { alarmDeletedRevocations } from './deleted-revocations-alarm.ts'
import type { GatewayEvidence, Watchable } from './evidence.ts'
import { topicConflict, watchFleet } from './fleet-watch.ts'
import type { Progress } from './health.ts'
import { type HousekeepingDeps, runHousekeeping } from './housekeeping.ts'
import { prepare } from './prepare.ts'

type Ports = Watchable &
  Readonly<{
    log: EventLog
    keys: KeyFiles
    meter?: Meter | null
    /** The name of `auth.revocations` on the broker; absent where the log lies beside the store. */
    topics?: string | null
  }>

type Starting = Readonly<{
  ports: Ports
  settings: Readonly<{ tickMs: number; changeNames: readonly string[] }>
  rooms: HousekeepingDeps & Readonly<{ ssf: Ssf }>
  publication: Publication
  progress: Progress
  evidence: GatewayEvidence
  /** What the fleet's tokens have in common. */
  tokens: TokenNames
}>

/**
 * Prepares the gateway, then relays and keeps house until `signal` aborts. `fatal` is what no
 * waiting can mend.
 */
export const start = (
  { ports, settings, rooms, publication, progress, evidence, tokens }: Starting,
  signal: AbortSignal,
): Readonly<{ fatal: Promise<AuthError>; prepared: Promise<void>; ended: Promise<void> }> => {
  const { log, keys, topics = null, meter = null } = ports
  const { context, policy, guards } = rooms
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
    const agreed = { ringId, fleet: mac.fleet, topics, tokens, changing: settings.changeNames }
    const outcome = await prepare({ context, policy, publisher }, agreed, signal)
    const watch = { ...context, log, ring: mac, progress }
    const fatal = outcome.fatal ?? (topics === null ? null : await topicConflict(watch))
    if (fatal) fail(fatal)
    if (!outcome.prepared || fatal) return
    progress.prepared = true
    succeed()
    let isFirst = topics !== null
    const onRun = (failure: Error | null): void => {
      if (failure) evidence.relay.failed(failure)
      else evidence.relay.succeeded()
      // On an empty topic another fleet may have been first; who was is known now.
      if (isFirst && !failure) void topicConflict(watch).then((error) => error && fail(error))
      isFirst = false
      const outcome = failure ? 'failed' : 'finished'
      meter?.count('curfew_relay_runs_total', { outcome })
    }
    await Promise.all([
      runRelay(relay, onRun, signal),
      runHousekeeping(rooms, signal),
      runTransmitter(rooms.ssf.transmitter, signal),
      rooms.ssf.polls.run(signal),
      ...(topics === null ? [] : [watchFleet(watch, signal)]),
    ])
  }
  const ended = Promise.all([run(), evidence.run(ports, signal)]).then(() => {})
  return { fatal, prepared, ended }
}
