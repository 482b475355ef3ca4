import { LogIdentity } from '../../../../services/gateway/publication/log-identity.ts'
import { Publisher } from '../../../../services/gateway/publication/publisher.ts'
import { relayStep } from '../../../../services/gateway/publication/relay.ts'
import { StoreClock } from '../../../../services/gateway/publication/store-clock.ts'
import { openMemoryEventLog } from '../../../../shared/adapters/memory/event-log.ts'
import { openMemoryEventStore } from '../../../../shared/adapters/memory/event-store.ts'
import { systemEntropy } from '../../../../shared/kernel/entropy.ts'
import { isAuthError } from '../../../../shared/kernel/errors.ts'
import { silentLogger as logger } from '../../../../shared/kernel/logger.ts'
import type { EventLog, TopicMistake } from '../../../../shared/ports/event-log.ts'
import {
  aCommit,
  anEventsRing,
  aRevocationCommit,
  aRing,
  aSid,
  later,
  source,
} from '../../../support/fakes/builders.ts'
import { fakeClock } from '../../../support/fakes/fake-clock.ts'
import { assert, claims } from '../../../support/suite.ts'

const wrong: TopicMistake = {
  topic: 'auth.revocations',
  setting: 'retention.bytes',
  value: '1',
  wanted: '-1',
  command: 'kafka-configs.sh',
  stops: true,
}

const endOf = async (log: EventLog, topic: 'auth.events' | 'auth.revocations') =>
  (await log.bounds({ topic, partition: 0 })).end

const stoppedWorld = () => {
  const clock = fakeClock()
  const store = openMemoryEventStore({ clock })
  const state = { mistakes: [] as readonly TopicMistake[] }
  const memory = openMemoryEventLog()
  const log: EventLog = {
    ...memory,
    publish: async (records) => {
      const isStopped = state.mistakes.some(({ stops }) => stops)
      const hasRevocation = records.some(({ topic }) => topic === 'auth.revocations')
      assert.is(isStopped && hasRevocation, false, 'nobody tries what would be refused')
      return memory.publish(records)
    },
    mistakes: () => state.mistakes,
  }
  const encoder = { source, ring: aRing(), events: anEventsRing() }
  const shared = { store, log, encoder, entropy: systemEntropy, logger }
  const identity = new LogIdentity(shared)
  const logId = () => identity.current()
  const onFailure = (): void => identity.requireVerification()
  const publisher = new Publisher({ store, log, encoder, logger, logId, onFailure })
  const storeClock = new StoreClock(clock)
  const tickMs = 250
  const relay = { store, log, publisher, identity, encoder, storeClock, clock, logger, tickMs }
  return { clock, store, log, relay, publisher, state }
}

claims('while the topic of revocations would not keep them', {
  'they wait and no time is closed, what else happened is told, and all goes on once it is mended':
    async () => {
      const { clock, store, log, relay, publisher, state } = stoppedWorld()
      assert.is.not((await relayStep(relay)).closed, null)
      state.mistakes = [wrong]
      const revocation = aRevocationCommit({ s: `s/${aSid()}`, expiresAt: later(3_600_000) })
      await store.append(revocation)
      await store.append(aCommit({ at: clock.now() }))
      await clock.advance(5_000)
      const failed = await relayStep(relay).then(
        () => null,
        (error: unknown) => error,
      )
      assert.ok(isAuthError(failed, 'LOG_TOPIC_WRONG'), String(failed))
      assert.is(await endOf(log, 'auth.revocations'), 1, 'the closed time from before')
      assert.is(await endOf(log, 'auth.events'), 1)
      const direct = await publisher.publish(revocation).then(
        () => null,
        (error: unknown) => error,
      )
      assert.ok(direct !== null, 'nobody is told that it is acknowledged')
      state.mistakes = []
      await clock.advance(1_000)
      assert.is.not((await relayStep(relay)).closed, null)
      assert.is(await endOf(log, 'auth.revocations'), 3)
    },
})
