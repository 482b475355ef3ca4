import type { EventLog } from '../../shared/ports/event-log.ts'
import { contract } from '../support/contract.ts'
import { anEventRecord } from '../support/fakes/builders.ts'
import { assert } from '../support/suite.ts'
import { race } from '../support/until.ts'
import { arrives, idOf, idsOf, read, revocations, some } from './log-reader.ts'

/** Publishing, bounds and single records. How a log is followed is in `event-log-following.ts`. */
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

  'a log that answered is healthy': async (log) => {
    await log.publish(some(1))
    assert.is(log.healthy(), true)
  },
})
