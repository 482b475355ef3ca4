import { runRelay } from '../../../services/gateway/publication/run-relay.ts'
import { type Delivery, deliver } from '../../../services/gateway/revocations/deliver-revocation.ts'
import { lmdbEventStore } from '../../../shared/adapters/lmdb/commits/event-store.ts'
import { openLmdb } from '../../../shared/adapters/lmdb/environment/open-lmdb.ts'
import type { NewCommit } from '../../../shared/events/commit.ts'
import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { Closable } from '../../../shared/kernel/lifecycle.ts'
import { silentLogger as logger } from '../../../shared/kernel/logger.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import { aRevocationCommit, hourMs } from '../fakes/builders.ts'
import { relayOver } from '../fakes/relay-over.ts'
import { withLatency } from '../requests/with-latency.ts'

/** What a database in the same data centre takes to answer. */
const latencyMs = 3
const publishTimeoutMs = 1_000

export type OutageWorld = Closable &
  Readonly<{
    store: EventStore
    publisher: ReturnType<typeof relayOver>['publisher']
    /** Appends the end of a session and answers for it, as a logout does. */
    logout: () => Promise<Readonly<{ commit: NewCommit; delivery: Delivery; ms: number }>>
    /** Appends one at once, for an outage that lasted. */
    append: () => Promise<unknown>
    /** Unpublished revocations left, counted up to 1,000. */
    pending: () => Promise<number>
    /** Whether more are left than a moment's logouts. */
    hasMore: () => Promise<boolean>
    /** Runs of the relay that ended well. */
    goodRuns: () => number
  }>

const aLogout = (): NewCommit => {
  const now = clock.now()
  return aRevocationCommit({ at: now, expiresAt: (now + hourMs) as EpochMs })
}

/** A relay on LMDB at a network's distance, and logouts through its publisher. */
export const openOutageWorld = async (folder: string, log: EventLog): Promise<OutageWorld> => {
  const env = await openLmdb({ path: folder, clock, logger })
  const near = lmdbEventStore(env)
  const store = withLatency(near, clock, latencyMs)
  const { publisher, ...parts } = relayOver({ store, log, clock, logger })
  const stop = new AbortController()
  let good = 0
  const onRun = (failure: Error | null): void => {
    if (!failure) good += 1
  }
  const running = runRelay({ publisher, ...parts }, onRun, stop.signal)
  return {
    store: near,
    publisher,
    logout: async () => {
      const commit = aLogout()
      const startedMs = clock.monotonicMs()
      const answer = await store.append(commit)
      if (answer.outcome !== 'appended') throw new Error('a session of its own is contended')
      const delivery = await deliver(
        { publisher, context: { clock, publishTimeoutMs, store } },
        commit,
      )
      return { commit, delivery, ms: clock.monotonicMs() - startedMs }
    },
    append: () => near.append(aLogout()),
    hasMore: async () => (await near.relayScan(100)).more,
    pending: async () => (await near.relayScan(1_000)).revocations.length,
    goodRuns: () => good,
    close: async () => {
      stop.abort()
      await running
      await publisher.drain()
      await env.close()
    },
  }
}
