import type { EpochMs } from '../../shared/kernel/ids.ts'
import type { EventLog } from '../../shared/ports/event-log.ts'
import { contract } from '../support/contract.ts'
import { aClosedTimeRecord, aLogId, anEventRecord } from '../support/fakes/builders.ts'
import { assert } from '../support/suite.ts'
import { race, until } from '../support/until.ts'
import { arrives, idOf, idsOf, read, revocations, ring, some } from './log-reader.ts'

/** What followers hear, in which order, how often. */
export const eventLogFollowingContract = contract<EventLog>('event log, followed', {
  'a follower reads from the start, then what comes, in order and without a gap': async (log) => {
    const before = some(300)
    await log.publish(before)
    const reader = await read(log, ['auth.revocations'])
    const after = some(20)
    for (const record of after) await log.publish([record])
    await arrives(reader, after)
    await reader.following.stop()
    assert.equal(idsOf(reader.records), idsOf([...before, ...after]))
    const offsets = reader.records.map(({ offset }) => offset)
    assert.equal(
      offsets,
      offsets.map((_, index) => (offsets[0] ?? 0) + index),
    )
    for (const { records, end, topic, partition } of reader.batches) {
      assert.equal([topic, partition], ['auth.revocations', 0])
      assert.ok(end > (records.at(-1)?.offset ?? -1), 'the end lies behind the newest record')
    }
  },

  'a follower begins where resumeAt says': async (log) => {
    const records = some(6)
    const offsets = await log.publish(records)
    const asked: string[] = []
    const reader = await read(log, ['auth.revocations'], {
      resumeAt: async ({ topic, partition }) => {
        asked.push(`${topic}/${partition}`)
        return offsets[3] ?? -1
      },
    })
    await arrives(reader, records.slice(3))
    await reader.following.stop()
    assert.equal(idsOf(reader.records), idsOf(records.slice(3)))
    assert.ok(asked.includes('auth.revocations/0'))
  },

  'a follower that resumes at the end hears only what is new': async (log) => {
    await log.publish(some(4))
    const { end } = await log.bounds(revocations)
    const reader = await read(log, ['auth.revocations'], { resumeAt: async () => end })
    const fresh = some(2)
    await log.publish(fresh)
    await arrives(reader, fresh)
    await reader.following.stop()
    assert.equal(idsOf(reader.records), idsOf(fresh))
  },

  'a rejected batch comes again, and nothing after it is skipped': async (log) => {
    const records = some(10)
    await log.publish(records)
    const refused: string[] = []
    const troubles: Error[] = []
    const seen: string[] = []
    const following = await log.follow({
      topics: ['auth.revocations'],
      group: null,
      resumeAt: async () => 0,
      onBatch: async (batch) => {
        if (refused.length < 2) {
          refused.push(idsOf(batch.records)[0] ?? '')
          throw new SyntaxError('not now')
        }
        seen.push(...idsOf(batch.records))
      },
      onTrouble: (error) => troubles.push(error),
    })
    const late = some(3)
    await log.publish(late)
    const all = idsOf([...records, ...late])
    await until('all arrive', () => all.every((id) => seen.includes(id)))
    await following.stop()
    assert.equal(refused, [all[0], all[0]])
    assert.equal(seen, all)
  },

  'batches of one partition come one at a time': async (log) => {
    const records = some(60)
    let running = 0
    let most = 0
    const seen: string[] = []
    const following = await log.follow({
      topics: ['auth.revocations'],
      group: null,
      resumeAt: async () => 0,
      onBatch: async (batch) => {
        running += 1
        most = Math.max(most, running)
        await new Promise<void>((resolve) => setImmediate(resolve))
        seen.push(...idsOf(batch.records))
        running -= 1
      },
    })
    for (const record of records) await log.publish([record])
    await until('all arrive', () => seen.length >= records.length)
    await following.stop()
    assert.is(most, 1)
    assert.equal(seen, idsOf(records))
  },

  'a batch that says there is more at hand is never the last': async (log) => {
    const records = some(1_100)
    await log.publish(records)
    const reader = await read(log, ['auth.revocations'])
    await arrives(reader, records)
    assert.not.ok(reader.batches.at(-1)?.more)
    const one = some(1)
    await log.publish(one)
    await arrives(reader, one)
    assert.not.ok(reader.batches.at(-1)?.more)
    await reader.following.stop()
  },

  'after stop no batch runs and none begins': async (log) => {
    let running = 0
    let calls = 0
    const following = await log.follow({
      topics: ['auth.revocations'],
      group: null,
      resumeAt: async () => 0,
      onBatch: async () => {
        calls += 1
        running += 1
        await new Promise<void>((resolve) => setImmediate(resolve))
        running -= 1
      },
    })
    await log.publish(some(3))
    await until('a batch comes', () => calls > 0)
    await following.stop()
    assert.is(running, 0)
    const before = calls
    const witness = await read(log, ['auth.revocations'])
    const more = some(3)
    await log.publish(more)
    await arrives(witness, more)
    await witness.following.stop()
    assert.is(calls, before)
  },

  'readers without a group each read everything': async (log) => {
    const readers = await race(3, () => read(log, ['auth.revocations']))
    const records = some(5)
    await log.publish(records)
    for (const reader of readers) await arrives(reader, records)
    await Promise.all(readers.map(({ following }) => following.stop()))
  },

  'a group goes on from resumeAt when a member leaves and another comes': async (log) => {
    const events = Array.from({ length: 24 }, (_, index) => anEventRecord(`user-${index}`, index))
    const next = new Map<number, number>()
    const seen = new Set<string>()
    const member = () =>
      read(log, ['auth.events'], {
        group: 'a-group',
        resumeAt: async ({ partition }) => next.get(partition) ?? 0,
        onBatch: async (batch) => {
          for (const record of batch.records) seen.add(idOf(record))
          const last = batch.records.at(-1)?.offset
          if (last !== undefined) next.set(batch.partition, last + 1)
        },
      })
    const first = await member()
    await log.publish(events.slice(0, 12))
    await until('the first half', () => idsOf(events.slice(0, 12)).every((id) => seen.has(id)))
    const second = await member()
    await first.following.stop()
    await log.publish(events.slice(12))
    await until('the second half', () => idsOf(events).every((id) => seen.has(id)))
    await second.following.stop()
  },

  'a log leaves out no revocation, and no closed time but for a newer one': async (log) => {
    const logId = aLogId()
    const closed = [1000, 2000, 3000].map((t) => aClosedTimeRecord(ring, t as EpochMs, logId))
    const [one, two] = some(2)
    const [early, middle, late] = closed
    assert.ok(one && two && early && middle && late)
    for (const record of [one, early, middle, two, late]) await log.publish([record])
    const reader = await read(log, ['auth.revocations'])
    await arrives(reader, [one, two, late])
    await reader.following.stop()
    const offsets = reader.records.map(({ offset }) => offset)
    assert.equal(
      offsets,
      [...offsets].sort((a, b) => a - b),
    )
    assert.is(idsOf(reader.records).at(-1), idOf(late))
  },
})
