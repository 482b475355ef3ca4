import { LogIdentity } from '../../../../services/gateway/publication/log-identity.ts'
import { Publisher } from '../../../../services/gateway/publication/publisher.ts'
import { type RelayDeps, relayStep } from '../../../../services/gateway/publication/relay.ts'
import { StoreClock } from '../../../../services/gateway/publication/store-clock.ts'
import { openMemoryEventLog } from '../../../../shared/adapters/memory/event-log.ts'
import { openMemoryEventStore } from '../../../../shared/adapters/memory/event-store.ts'
import { readRevocationRecord } from '../../../../shared/events/read-revocation-record.ts'
import { systemEntropy } from '../../../../shared/kernel/entropy.ts'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import { silentLogger } from '../../../../shared/kernel/logger.ts'
import type { EventLog } from '../../../../shared/ports/event-log.ts'
import type { EventStore } from '../../../../shared/ports/event-store.ts'
import {
  aCommit,
  anEventsRing,
  aRevocationCommit,
  aRing,
  aSid,
  later,
  source,
} from '../../../support/fakes/builders.ts'
import { type FakeClock, fakeClock } from '../../../support/fakes/fake-clock.ts'
import { assert, claims } from '../../../support/suite.ts'

const tickMs = 250
const revocations = { topic: 'auth.revocations', partition: 0 } as const

type World = Readonly<{ store: EventStore; log: EventLog; relay: RelayDeps; clock: FakeClock }>

const world = (
  over: Readonly<{ store?: EventStore; log?: EventLog; clock?: FakeClock }> = {},
): World => {
  const clock = over.clock ?? fakeClock()
  const store = over.store ?? openMemoryEventStore({ clock })
  const log = over.log ?? openMemoryEventLog()
  const encoder = { source, ring: aRing(), events: anEventsRing() }
  const logger = silentLogger
  const identity = new LogIdentity({ store, log, entropy: systemEntropy, logger })
  const logId = () => identity.current()
  const onFailure = (): void => identity.requireVerification()
  const publisher = new Publisher({ store, log, encoder, logger, logId, onFailure })
  const storeClock = new StoreClock(clock)
  const relay = { store, log, publisher, identity, encoder, storeClock, clock, logger, tickMs }
  return { store, log, relay, clock }
}

/** What lies in `auth.revocations`, in order: keys, and `closed`. */
const told = async (log: EventLog): Promise<string[]> => {
  const { start, end } = await log.bounds(revocations)
  const names: string[] = []
  for (let offset = start; offset < end; offset += 1) {
    const raw = await log.recordAt(revocations, offset)
    const item = raw && readRevocationRecord(aRing(), raw)
    names.push(item?.kind === 'revocation' ? item.revocation.key : (item?.kind ?? 'gap'))
  }
  return names
}

const refusing = (log: EventLog, when: (topic: string) => boolean): EventLog => ({
  ...log,
  publish: async (records) => {
    if (records.some(({ topic, key }) => when(`${topic}/${key}`))) {
      throw new AuthError('LOG_UNAVAILABLE', 'refused by the test')
    }
    return log.publish(records)
  },
})

const due = (expiresAt = later(3_600_000)) => {
  const sid = aSid()
  return { sid, commit: aRevocationCommit({ s: `s/${sid}`, expiresAt }) }
}

claims('relay and closed time', {
  'what was appended and not published is published before the time is closed': async () => {
    const { store, log, relay } = world()
    const { commit } = due()
    await store.append(commit)
    const { closed } = await relayStep(relay)
    assert.is.not(closed, null)
    const names = await told(log)
    assert.is(new Set(names).size, 2)
    assert.match(names[0] ?? '', /^sid:/)
    assert.is(names.indexOf('closed'), names.length - 1)
    await relay.publisher.drain()
    assert.is((await store.relayScan(10)).revocations.length, 0)
  },

  'a revocation that the log refuses closes no time, and is published by a later run': async () => {
    const real = openMemoryEventLog()
    let refuses = true
    const { store, log, relay } = world({
      log: refusing(real, (name) => refuses && name.startsWith('auth.revocations/sid:')),
    })
    await store.append(due().commit)
    await relayStep(relay).then(
      () => assert.unreachable('the run must fail'),
      (error: AuthError) => assert.is(error.code, 'LOG_UNAVAILABLE'),
    )
    assert.equal(await told(log), [])
    refuses = false
    await relayStep(relay)
    assert.equal((await told(log)).at(-1), 'closed')
    const sids = (await told(log)).filter((name) => name.startsWith('sid:'))
    assert.is(new Set(sids).size, 1)
  },

  'more than one page of revocations closes no time until the last page': async () => {
    const { store, log, relay } = world()
    for (let index = 0; index < 501; index += 1) await store.append(due().commit)
    const first = await relayStep(relay)
    assert.equal(first, { closed: null, more: true })
    assert.not.ok((await told(log)).includes('closed'))
    await relay.publisher.drain()
    await relayStep(relay)
    assert.is((await told(log)).at(-1), 'closed')
    assert.is(new Set(await told(log)).size, 502)
  },

  'two gateways close time once a tick, and both publish': async () => {
    const one = world()
    const two = world(one)
    await relayStep(one.relay)
    await relayStep(two.relay)
    assert.is((await told(one.log)).length, 1)
    await one.clock.advance(tickMs)
    await relayStep(two.relay)
    assert.is((await told(one.log)).length, 2)
  },

  'a log that lost what it acknowledged hears every live revocation again, then closed time':
    async () => {
      const first = world()
      const { commit } = due()
      await first.store.append(commit)
      await relayStep(first.relay)
      await first.relay.publisher.drain()
      const before = (await first.store.relayScan(1)).tick.logId
      const after = world({ store: first.store, clock: first.clock })
      await after.clock.advance(tickMs)
      await relayStep(after.relay)
      const names = await told(after.log)
      assert.match(names[0] ?? '', /^sid:/)
      assert.is(names[1], 'closed')
      assert.is.not((await first.store.relayScan(1)).tick.logId, before)
    },

  'a log that was made again without failing a request is found out before time is closed':
    async () => {
      const logs = [openMemoryEventLog(), openMemoryEventLog()]
      let current = 0
      const log = new Proxy({} as EventLog, {
        get: (_, name) => Reflect.get(logs[current] ?? {}, name),
      })
      const { store, relay, clock } = world({ log })
      await store.append(due().commit)
      await relayStep(relay)
      await relay.publisher.drain()
      current = 1
      await clock.advance(tickMs)
      await relayStep(relay).then(
        () => assert.unreachable('the run must notice'),
        (error: AuthError) => assert.is(error.code, 'LOG_UNAVAILABLE'),
      )
      await relayStep(relay)
      const names = await told(log)
      assert.match(names[0] ?? '', /^sid:/)
      assert.is(names.at(-1), 'closed')
    },

  'an intact log keeps its identity over a restart, and nothing is told twice': async () => {
    const first = world()
    await first.store.append(due().commit)
    await relayStep(first.relay)
    await first.relay.publisher.drain()
    const sids = async (): Promise<number> =>
      (await told(first.log)).filter((name) => name.startsWith('sid:')).length
    const before = await sids()
    const again = world(first)
    await again.clock.advance(tickMs)
    await relayStep(again.relay)
    assert.is(await sids(), before)
  },

  'other events follow in the background, also those whose gateway died': async () => {
    const { store, log, relay, clock } = world()
    await store.append(aCommit({ at: clock.now() }))
    await clock.advance(10_000)
    await relayStep(relay)
    assert.is((await log.bounds({ topic: 'auth.events', partition: 0 })).end, 1)
  },
})
