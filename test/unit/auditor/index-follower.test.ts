import { AuditIndexer } from '../../../services/auditor/indexing/index.ts'
import { openMemoryAuditIndex } from '../../../shared/adapters/memory/audit-index.ts'
import { openMemoryEventLog } from '../../../shared/adapters/memory/event-log.ts'
import { encodeEvent, signed } from '../../../shared/events/event-codec.ts'
import type { LogRecord } from '../../../shared/events/log-record.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EventId, SessionId } from '../../../shared/kernel/ids.ts'
import { Meter } from '../../../shared/metrics/meter.ts'
import type { AuditIndex, IndexBatch } from '../../../shared/ports/audit-index.ts'
import { anEventCheck, aRevoked, aRing, aSid, later, source } from '../../support/fakes/builders.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { replacing } from '../../support/fakes/faulty-stores.ts'
import { keepingLogger } from '../../support/processes/told-lines.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

const events = anEventCheck()

const ended = (n: number, sid: SessionId = aSid()): LogRecord =>
  encodeEvent(source, {
    id: `s/${sid}:${n}:0` as EventId,
    at: later(n),
    event: aRevoked({ scope: 'session', key: `sid:${sid}`, sid }),
  })
const signedEnd = (n: number, sid?: SessionId): LogRecord => signed(events.ring, ended(n, sid))

const following = (log = openMemoryEventLog(), index: AuditIndex = openMemoryAuditIndex()) => {
  const clock = fakeClock()
  const { logger, lines } = keepingLogger()
  const meter = new Meter()
  const follower = new AuditIndexer({ log, index, events, clock, logger, meter })
  follower.start()
  return {
    ...{ log, index, clock, follower, lines, meter },
    /** Until the index has all up to this offset of its newest lane. */
    indexed: (next: number) =>
      until(`${next} are indexed`, async () => {
        await clock.advance(1_000)
        return (await index.lanes()).at(-1)?.next === next
      }),
  }
}

const found = async (index: AuditIndex, terms: readonly string[] = []) => {
  const query = { since: null, until: null, order: 'oldest', after: null, limit: 100 } as const
  return (await index.page({ ...query, terms })).events.map(({ record }) => record.headers['ce_id'])
}

claims('the follower of the audit index', {
  'what gateways signed can be asked for; what nobody signed cannot': async () => {
    const world = following()
    const [sid, other] = [aSid(), aSid()]
    const broken = signed(aRing(), ended(2))
    const junk: LogRecord = { topic: 'auth.events', key: 'x', headers: {}, value: 'x' }
    await world.log.publish([signedEnd(1, sid), broken, ended(3), junk, signedEnd(4, other)])
    await world.indexed(5)
    assert.equal(await found(world.index), [`s/${sid}:1:0`, `s/${other}:4:0`])
    assert.equal(await found(world.index, [`session:${sid}`]), [`s/${sid}:1:0`])
    assert.ok((await world.meter.text()).includes('curfew_audit_index_behind{partition="0"} 0'))
    await world.follower.close()
  },

  'one that stops writes what it read, and the next one goes on behind it': async () => {
    const first = following()
    await first.log.publish([1, 2, 3].map((n) => signedEnd(n)))
    await first.indexed(3)
    await first.log.publish([signedEnd(4)])
    await first.follower.close()
    const [lane] = await first.index.lanes()
    let added = 0
    const counting = replacing(first.index, {
      add: async (batch) => {
        added += batch.events.length
        await first.index.add(batch)
      },
    })
    const second = following(first.log, counting)
    await second.log.publish([signedEnd(5)])
    await second.indexed(5)
    await second.follower.close()
    assert.is(added, 5 - (lane?.next ?? 0), 'nothing is read twice')
    assert.is((await found(second.index)).length, 5)
    assert.is((await second.index.lanes()).length, 1)
  },

  'a log that is another one is indexed anew, and what was there stays': async () => {
    const first = following()
    await first.log.publish([1, 2, 3].map((n) => signedEnd(n)))
    await first.indexed(3)
    await first.follower.close()
    const shorter = following(openMemoryEventLog(), first.index)
    await shorter.log.publish([signedEnd(11)])
    await shorter.indexed(1)
    await shorter.follower.close()
    const grown = openMemoryEventLog()
    await grown.publish([21, 22, 23, 24].map((n) => signedEnd(n)))
    const another = following(grown, first.index)
    await another.indexed(4)
    await another.follower.close()
    assert.is((await first.index.lanes()).length, 3)
    assert.is((await found(first.index)).length, 8)
  },

  'an index of other terms is filled anew': async () => {
    const first = following()
    const sid = aSid()
    await first.log.publish([signedEnd(1, sid), signedEnd(2)])
    await first.indexed(2)
    await first.follower.close()
    const older = replacing(first.index, {
      lanes: async () => (await first.index.lanes()).map((lane) => ({ ...lane, terms: 1 })),
    })
    const second = following(first.log, older)
    await second.indexed(2)
    await second.follower.close()
    assert.is((await first.index.lanes()).length, 2)
    assert.equal(await found(first.index, [`session:${sid}`]), [`s/${sid}:1:0`])
  },

  'an index says up to when it has all of the log, and no more': async () => {
    const index = openMemoryAuditIndex()
    let isDown = false
    const shaky = replacing(index, {
      add: async (batch) => {
        if (isDown) throw new AuthError('STORE_UNAVAILABLE', 'down')
        await index.add(batch)
      },
    })
    const world = following(openMemoryEventLog(), shaky)
    const through = async () => (await index.lanes()).at(-1)?.through ?? 0
    const hasCome = async (at: number) => {
      await world.clock.advance(1_000)
      return (await through()) >= at
    }
    const begin = world.clock.now()
    await until('an empty log is read', () => hasCome(begin))
    isDown = true
    const downFrom = world.clock.now()
    await world.log.publish([signedEnd(1)])
    for (let turn = 0; turn < 20; turn += 1) await world.clock.advance(1_000)
    assert.ok((await through()) < downFrom + 1_000, 'what is not written is not said to be')
    isDown = false
    const up = world.clock.now()
    await until('it caught up', () => hasCome(up))
    assert.is((await index.lanes()).at(-1)?.next, 1)
    await world.follower.close()
  },

  'an index that does not answer is waited for, and nothing is left out': async () => {
    const index = openMemoryAuditIndex()
    let isDown = true
    const shaky = replacing(index, {
      add: async (batch) => {
        if (isDown) throw new AuthError('STORE_UNAVAILABLE', 'down')
        await index.add(batch)
      },
    })
    const world = following(openMemoryEventLog(), shaky)
    await world.log.publish([1, 2].map((n) => signedEnd(n)))
    await until('it says so', async () => {
      await world.clock.advance(1_000)
      return world.follower.health().standing === 'degraded'
    })
    await world.log.publish([signedEnd(3)])
    isDown = false
    await world.indexed(3)
    assert.is(world.follower.health().standing, 'ok')
    assert.is((await found(index)).length, 3)
    assert.is(world.lines.filter(({ message }) => message.includes('trouble')).length, 1)
    await world.follower.close()
  },

  'while a part is written the log is read on, and each part says where it ends': async () => {
    const index = openMemoryAuditIndex()
    const memory = openMemoryEventLog()
    const written: IndexBatch[] = []
    let open = (): void => {}
    const opened = new Promise<void>((resolve) => {
      open = resolve
    })
    let taken = 0
    const slow = replacing(index, {
      add: async (batch) => {
        await opened
        await index.add(batch)
        written.push(batch)
      },
    })
    const counted = replacing(memory, {
      follow: (options) =>
        memory.follow({
          ...options,
          onBatch: async (batch, goOnAt) => {
            await options.onBatch(batch, goOnAt)
            taken += batch.records.length
          },
        }),
    })
    const world = following(counted, slow)
    const records = Array.from({ length: 2_600 }, (_, n) => (n % 100 ? signedEnd(n) : ended(n)))
    await memory.publish(records)
    await until('all of it is read, and nothing is written', () => taken === records.length)
    assert.is(written.length, 0)
    open()
    await world.indexed(records.length)
    await world.follower.close()
    for (const { events, next, lastId } of written) {
      assert.ok(events.length <= 1_000, `${events.length} at once`)
      assert.is(lastId, records[next - 1]?.headers['ce_id'])
    }
    const all = written.flatMap(({ events }) => events.map(({ record }) => record.offset))
    assert.equal(
      all,
      records.flatMap((_, n) => (n % 100 ? n : [])),
    )
  },
})
