import { gatewayActor, noOrigin } from '../../shared/events/event.ts'
import { openPrivacy, type Privacy } from '../../shared/privacy/index.ts'
import { wrappingRingOf } from '../../shared/tokens/key-rings/index.ts'
import type { GatewayConfig } from './config.ts'
import type { GatewayPorts } from './gateway-ports.ts'
import { type CommandContext, logCommit, StoreClock } from './publication/index.ts'

/** What seals and opens what the gateway’s events say of persons. */
export const privacyOf = ({ personalKeys, keys, clock, entropy }: GatewayPorts): Privacy =>
  openPrivacy({
    keys: personalKeys,
    ring: wrappingRingOf(keys.personal),
    addressKey: keys.addressKey,
    ...{ clock, entropy },
  })

/** The context of the gateway itself, for what no request asked for. */
export const contextOf = (
  { store, clock, entropy, logger }: GatewayPorts,
  { deadlineMs, publishTimeoutMs, eventPrivacy }: GatewayConfig,
  { sealer }: Privacy,
  hasTrail: boolean,
): CommandContext => ({
  store,
  storeClock: new StoreClock(clock),
  clock,
  entropy,
  logger,
  act: () => ({ actor: gatewayActor, ...noOrigin }),
  ...(eventPrivacy === 'sealed' && { sealer }),
  onAppended: (commit) => logCommit(logger, commit),
  deadlineMs,
  publishTimeoutMs,
  hasTrail,
})
