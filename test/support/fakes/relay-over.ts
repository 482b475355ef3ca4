import { LogIdentity } from '../../../services/gateway/publication/log-identity.ts'
import { Publisher } from '../../../services/gateway/publication/publisher.ts'
import type { RelayDeps } from '../../../services/gateway/publication/relay.ts'
import { StoreClock } from '../../../services/gateway/publication/store-clock.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import { type Entropy, systemEntropy } from '../../../shared/kernel/entropy.ts'
import type { Logger } from '../../../shared/kernel/logger.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import { anEventsRing, aRing, source } from './builders.ts'

type Over = Readonly<{ store: EventStore; log: EventLog; clock: Clock; logger: Logger }>

type Publishing = Pick<RelayDeps, 'publisher' | 'identity' | 'encoder'>

/** A publisher with the identity of its log, as a gateway has them, on these ports. */
export const publisherOver = ({
  store,
  log,
  clock,
  logger,
  entropy = systemEntropy,
}: Over & Readonly<{ entropy?: Entropy }>): Publishing => {
  const encoder = { source, ring: aRing(), events: anEventsRing() }
  const identity = new LogIdentity({ store, log, entropy, logger })
  const publisher = new Publisher({
    store,
    log,
    encoder,
    logger,
    clock,
    logId: () => identity.current(),
    onFailure: () => identity.requireVerification(),
  })
  return { publisher, identity, encoder }
}

/** A relay with its publisher, on these ports. */
export const relayOver = ({ store, log, clock, logger }: Over): RelayDeps => {
  const publishing = publisherOver({ store, log, clock, logger })
  const storeClock = new StoreClock(clock)
  return { ...publishing, store, log, storeClock, clock, logger, tickMs: 250 }
}
