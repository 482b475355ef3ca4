import type { TokenNames } from '../../../shared/fleet/token-names.ts'
import type { AuthError } from '../../../shared/kernel/errors.ts'
import type { Meter } from '../../../shared/metrics/meter.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { KeyFiles } from '../../../shared/tokens/key-rings/index.ts'
import { type GatewayConfig, publicUrlOf } from '../config.ts'
import type { GatewayPorts } from '../gateway-ports.ts'
import type { LogIdentity } from '../publication/log-identity.ts'
import { runRelay } from '../publication/relay.ts'
import type { RouteParts } from '../route-parts.ts'
import { runTransmitter } from '../ssf/delivery/transmit.ts'
import { tellOfDeletion } from './deleted-revocations-alarm.ts'
import type { GatewayEvidence } from './evidence.ts'
import { topicConflict, watchFleet } from './fleet-watch.ts'
import type { Progress } from './health.ts'
import { runKeeper } from './housekeeping.ts'
import { prepare } from './prepare.ts'

type Loops = Readonly<{
  ports: Pick<GatewayPorts, 'store' | 'directory' | 'ownDirectory' | 'topics'> &
    Readonly<{ log: EventLog; keys: KeyFiles; meter?: Meter | null }>
  config: GatewayConfig
  parts: RouteParts
  identity: LogIdentity
  progress: Progress
  evidence: GatewayEvidence
  /** What the fleet's tokens have in common. */
  tokens: TokenNames
}>

/**
 * Prepares the gateway, then relays and keeps house until `signal` aborts. `fatal` is what no
 * waiting can mend.
 */
export const startLoops = (
  { ports, config, parts, identity, progress, evidence, tokens }: Loops,
  signal: AbortSignal,
): Readonly<{ fatal: Promise<AuthError>; prepared: Promise<void>; ended: Promise<void> }> => {
  const { log, keys, topics = null } = ports
  const encoder = { source: publicUrlOf(config).origin, ring: keys.mac }
  const onDeleted = tellOfDeletion({ ...parts, meter: ports.meter ?? null })
  const relay = { ...parts, log, identity, encoder, tickMs: config.tickMs, onDeleted }
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
    const agreed = { ringId, fleet: mac.fleet, topics, tokens, changing: config.changeNames }
    const outcome = await prepare(parts, agreed, signal)
    const watch = { ...parts, log, ring: mac, progress }
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
      ports.meter?.count('curfew_relay_runs_total', { outcome })
    }
    await Promise.all([
      runRelay(relay, onRun, signal),
      runKeeper(parts, signal),
      runTransmitter(parts.transmitter, signal),
      parts.polls.run(signal),
      ...(topics === null ? [] : [watchFleet(watch, signal)]),
    ])
  }
  const ended = Promise.all([run(), evidence.run(ports, signal)]).then(() => {})
  return { fatal, prepared, ended }
}
