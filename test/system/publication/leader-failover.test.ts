/**
 * Goal: nobody forgets what it read because the leader of `auth.revocations` was lost. Method:
 * three brokers, the leader killed again and again under load; a guard's thread, what feeds guards
 * on SSE, and a projector read on. `LEADER_KILLS` sets how often, for a longer run by hand.
 */
import { startProjector } from '../../../services/projector/projector.ts'
import { openKafkaLog } from '../../../shared/adapters/kafka/open-kafka-log.ts'
import { logRevocationFeed } from '../../../shared/adapters/log-feed/revocation-feed.ts'
import { openMemoryBlacklistView } from '../../../shared/adapters/memory/blacklist-view.ts'
import { openMemorySessionList } from '../../../shared/adapters/memory/session-list.ts'
import { kafkaRevocationFeed } from '../../../shared/guard-kafka/kafka-revocation-feed.ts'
import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import { systemEntropy as entropy } from '../../../shared/kernel/entropy.ts'
import { Lifecycle } from '../../../shared/kernel/lifecycle.ts'
import { type Logger, silentLogger } from '../../../shared/kernel/logger.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { RevocationFeed } from '../../../shared/ports/revocation-feed.ts'
import {
  aClosedTimeRecord,
  aLogId,
  anEventCheck,
  aRevocationRecord,
  aRing,
  hourMs,
} from '../../support/fakes/builders.ts'
import { notRun } from '../../support/not-run.ts'
import { findKafkaCluster, type KafkaCluster } from '../../support/servers/kafka-cluster.ts'
import { openOperator } from '../../support/servers/kafka-operator.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

const kills = Number(process.env['LEADER_KILLS'] ?? '2')
const ring = aRing()
const events = anEventCheck()
const revocations = { topic: 'auth.revocations', partition: 0 } as const
const tickMs = 250
const patienceMs = 60_000

/** What a gateway does: revocations as they come, a closed time each tick. */
const writing = async (parts: Lifecycle, log: EventLog) => {
  const stop = new AbortController()
  const logId = aLogId()
  const acked = new Map<string, number>()
  const write = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const records = Array.from({ length: 3 }, () => aRevocationRecord(ring))
      const closed = aClosedTimeRecord(ring, clock.now(), logId)
      const offsets = await log.publish([...records, closed]).catch(() => [])
      records.forEach(({ headers }, index) => {
        const offset = offsets[index]
        if (offset !== undefined) acked.set(headers['ce_id'] ?? '', offset)
      })
      await clock.sleep(tickMs, stop.signal)
    }
  }
  const running = write()
  const close = (): Promise<void> => {
    stop.abort()
    return running
  }
  await parts.use({ close })
  return acked
}

/** What a guard would know: every revocation, when closed time last went on, and every reset. */
const listening = async (parts: Lifecycle, name: string, feed: RevocationFeed) => {
  const state = { name, ids: new Set<string>(), resets: [] as string[], longestMs: 0, atMs: 0 }
  await parts.use({ close: () => feed.close() })
  await feed.open({
    onItems: (items) => {
      for (const item of items) {
        if (item.kind === 'revocation') state.ids.add(item.id)
        if (item.kind !== 'closed') continue
        const now = clock.monotonicMs()
        if (state.atMs > 0) state.longestMs = Math.max(state.longestMs, now - state.atMs)
        state.atMs = now
      }
    },
    onReset: (reason) => state.resets.push(reason),
    onCaughtUp: () => {},
    onTrouble: () => {},
  })
  return state
}

const opened = async (parts: Lifecycle, { brokers }: KafkaCluster) => {
  const topicPrefix = `failover-${entropy.bytes(6).toString('hex')}.`
  const access = { brokers, topicPrefix, ssl: false, sasl: null, clientId: 'failover' }
  const lasting = { revocationRetentionMs: 24 * hourMs, eventPartitions: 3 }
  const log = await openKafkaLog({
    ...{ ...access, ...lasting },
    ...{ clock, entropy, logger: silentLogger, role: 'writer' },
  })
  return { log: await parts.use(log), access }
}

/** Kills the leader; resolves with its id once it is dead. */
const killLeader = async (cluster: KafkaCluster, topic: string): Promise<number> => {
  const operator = await openOperator(cluster.brokers)
  try {
    const { leader } = await operator.placeOf({ topic, partition: 0 })
    await cluster.node(leader).control.kill9()
    return leader
  } finally {
    await operator.close()
  }
}

const comesBack = async (cluster: KafkaCluster, id: number, topic: string): Promise<void> => {
  await cluster.node(id).control.restart()
  await cluster.whole()
  const inSync = async (): Promise<number> => {
    const operator = await openOperator(cluster.brokers)
    const { isr } = await operator.placeOf({ topic, partition: 0 })
    await operator.close()
    return isr.length
  }
  await until('all are in sync', async () => (await inSync().catch(() => 0)) === 3, patienceMs)
}

const survives = async (cluster: KafkaCluster): Promise<void> => {
  const parts = new Lifecycle()
  try {
    const { log, access } = await opened(parts, cluster)
    const topic = access.topicPrefix + revocations.topic
    const acked = await writing(parts, log)
    await until('it is written', () => acked.size > 0)
    const settings = { ...access, clientId: 'guard', logLevel: 'silent' }
    const guards = [
      await listening(parts, 'thread', kafkaRevocationFeed(settings, ring)),
      await listening(parts, 'sse', logRevocationFeed(log, ring)),
    ]
    const told: string[] = []
    const logger: Logger = { ...silentLogger, error: (_, text) => void told.push(text) }
    const views = { view: openMemoryBlacklistView(), sessions: openMemorySessionList() }
    await parts.use(await startProjector({ ...{ log, ring, events, clock, logger }, ...views }))
    const heardAll = (): boolean =>
      guards.every(({ ids }) => [...acked.keys()].every((id) => ids.has(id)))
    for (let kill = 1; kill <= kills; kill += 1) {
      await until('everything is read', heardAll, patienceMs)
      for (const guard of guards) guard.longestMs = 0
      const before = acked.size
      const leader = await killLeader(cluster, topic)
      await until('writing goes on', () => acked.size > before + 10, patienceMs)
      await until('reading goes on', heardAll, patienceMs)
      const [id = '', offset = -1] = [...acked].at(-1) ?? []
      assert.not.ok(await log.endsBelow(revocations, offset + 1))
      assert.is((await log.recordAt(revocations, offset))?.headers['ce_id'], id)
      const waits = guards.map(({ name, longestMs }) => `${name} ${Math.round(longestMs)} ms`)
      process.stdout.write(`kill ${kill} (leader ${leader}): no closed time for ${waits.join()}\n`)
      await comesBack(cluster, leader, topic)
    }
    assert.equal(
      guards.map(({ resets }) => resets),
      [[], []],
      'no guard forgot',
    )
    assert.equal(told, [], 'no view was begun anew')
  } finally {
    await parts.close()
  }
}

const cluster = await findKafkaCluster()
if ('missing' in cluster) notRun('failover of leaders', cluster.missing)
else {
  claims('a leader that is killed under load', {
    'makes no guard and no projector forget what it read': async () => {
      try {
        await survives(cluster)
      } finally {
        await cluster.stop()
      }
    },
  })
}
