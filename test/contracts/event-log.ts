import type { LogRecord, RawRecord, Topic } from '../../shared/events/record.ts'
import type { EpochMs } from '../../shared/kernel/ids.ts'
import type { EventLog, Following, FollowOptions, LogBatch } from '../../shared/ports/event-log.ts'
import {
  aClosedTimeRecord,
  aLogId,
  anEventRecord,
  aRevocationRecord,
  aRing,
} from '../support/builders.ts'
import { contract } from '../support/contract.ts'
import { assert } from '../support/suite.ts'
import { race, until } from '../support/until.ts'

const revocations = { topic: 'auth.revocations', partition: 0 } as const
const ring = aRing()
const some = (count: number): LogRecord[] =>
  Array.from({ length: count }, () => aRevocationRecord(ring))
const idOf = ({ headers }: Pick<LogRecord, 'headers'>): string => headers['ce_id'] ?? ''
const idsOf = (records: readonly Pick<LogRecord, 'headers'>[]): string[] => records.map(idOf)

type Reader = Readonly<{
  records: RawRecord[]
  batches: LogBatch[]
  following: Following
  holds: (ids: readonly string[]) => boolean
}>

/** Follows and keeps what comes, until it is stopped. */
const read = async (
  log: EventLog,
  topics: readonly Topic[],
  over: Partial<FollowOptions> = {},
): Promise<Reader> => {
  const records: RawRecord[] = []
  const batches: LogBatch[] = []
  const following = await log.follow({
    topics,
    group: null,
    resumeAt: async () => 0,
    onBatch: async (batch) => {
      batches.push(batch)
      records.push(...batch.records)
    },
    ...over,
  })
  const holds = (ids: readonly string[]): boolean => {
    const seen = new Set(idsOf(records))
    return ids.every((id) => seen.has(id))
  }
  return { records, batches, following, holds }
}

const arrives = ({ holds }: Reader, records: readonly LogRecord[]): Promise<void> =>
  until('the records arrive', () => holds(idsOf(records)))

export const eventLogContract = contract<EventLog>('event log', {
  'published records get their offsets, in order, and lie there as they were': async (log) => {
    const records = some(5)
    const offsets = await log.publish(records)
    const { start, end } = await log.bounds(revocations)
    assert.equal(
      offsets,
      records.map((_, index) => start + index),
    )
    assert.is(end, start + 5)
    for (const [index, record] of records.entries()) {
      const raw = await log.recordAt(revocations, offsets[index] ?? -1)
      assert.equal([raw?.topic, raw?.partition, raw?.offset], [record.topic, 0, offsets[index]])
      assert.equal({ ...raw?.headers }, record.headers)
      assert.is(raw?.key?.toString('utf8'), record.key)
      assert.is(raw?.value?.toString('utf8'), record.value)
    }
  },

  'an empty log has equal bounds; outside them there is no record': async (log) => {
    const { start, end } = await log.bounds(revocations)
    assert.is(start, end)
    assert.is(await log.recordAt(revocations, end), null)
    const [offset = -1] = await log.publish(some(1))
    assert.ok(await log.recordAt(revocations, offset))
    assert.is(await log.recordAt(revocations, offset + 1), null)
    assert.equal(await log.publish([]), [])
  },

  'revocations have one partition, events at least one': async (log) => {
    assert.is(await log.partitions('auth.revocations'), 1)
    assert.ok((await log.partitions('auth.events')) >= 1)
  },

  'records of several topics may travel in one call': async (log) => {
    const events = [anEventRecord('ann', 0), anEventRecord('bob', 0)]
    const [first, second] = some(2)
    assert.ok(first && second)
    const offsets = await log.publish([first, ...events, second])
    assert.is(offsets.length, 4)
    assert.is((offsets[3] ?? 0) - (offsets[0] ?? 0), 1)
    const reader = await read(log, ['auth.events', 'auth.revocations'])
    await arrives(reader, [first, ...events, second])
    await reader.following.stop()
  },

  '50 racing calls get 50 different offsets, and each finds its own record there': async (log) => {
    const records = some(50)
    const offsets = await race(50, async (index) => {
      const record = records[index]
      assert.ok(record)
      return (await log.publish([record]))[0] ?? -1
    })
    assert.is(new Set(offsets).size, 50)
    for (const index of [0, 7, 24, 49]) {
      const raw = await log.recordAt(revocations, offsets[index] ?? -1)
      assert.is(raw && idOf(raw), idsOf(records)[index])
    }
  },

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

  'a log that answered is healthy': async (log) => {
    await log.publish(some(1))
    assert.is(log.healthy(), true)
  },
})
