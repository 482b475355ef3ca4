import fc from 'fast-check'
import { openLmdb } from '../../../../../shared/adapters/lmdb/environment/open-lmdb.ts'
import { lmdbEventLog } from '../../../../../shared/adapters/lmdb/log/event-log.ts'
import { LogTail, rawOf } from '../../../../../shared/adapters/lmdb/log/log-tail.ts'
import type { LogRecord, Topic } from '../../../../../shared/events/log-record.ts'
import { systemClock as clock } from '../../../../../shared/kernel/clock.ts'
import { silentLogger as logger } from '../../../../../shared/kernel/logger.ts'
import type { EventLog } from '../../../../../shared/ports/event-log.ts'
import { assert, claims } from '../../../../support/suite.ts'
import { inTempFolder } from '../../../../support/temp-folder.ts'
import { until } from '../../../../support/until.ts'
import { byThread } from '../../../../support/worlds/lmdb-writers.ts'

const topics = ['auth.events', 'auth.revocations'] as const
const recordOf = (topic: Topic, name: string): LogRecord => ({
  topic,
  key: name,
  headers: { ce_id: name, odd: 'ä"\\' },
  value: JSON.stringify({ name, text: '"\u2028\\' }),
})

/** What a follower of all of it has read, by topic, as `offset name`. */
const followAll = async (log: EventLog) => {
  const read = new Map<Topic, string[]>(topics.map((topic) => [topic, []]))
  const following = await log.follow({
    topics,
    group: null,
    resumeAt: async () => 0,
    onBatch: async ({ topic, records }) => {
      for (const { offset, headers, value } of records) {
        assert.is((JSON.parse(String(value)) as { name: string }).name, headers['ce_id'])
        read.get(topic)?.push(`${offset} ${headers['ce_id']}`)
      }
    },
  })
  return { read, stop: () => following.stop() }
}

claims('the newest records of the embedded log', {
  'are read once each and in order, whichever of two processes published': () =>
    inTempFolder('tail', async (path) => {
      const writers = await Promise.all(
        [byThread, {}].map((writer) => openLmdb({ path, clock, logger, ...writer })),
      )
      const logs = writers.map((env) => lmdbEventLog(env, { revocationRetentionMs: 86_400_000 }))
      const followers = await Promise.all(logs.map(followAll))
      const published = new Map<Topic, string[]>(topics.map((topic) => [topic, []]))
      const steps = fc.sample(
        fc.array(fc.tuple(fc.nat(1), fc.array(fc.constantFrom(...topics), { maxLength: 4 }))),
        { seed: 20_261_130, numRuns: 12 },
      )
      let count = 0
      for (const [writer, wanted] of steps.flat()) {
        const records = wanted.map((topic) => {
          count += 1
          return recordOf(topic, `r${count}`)
        })
        const offsets = (await logs[writer]?.publish(records)) ?? []
        for (const [index, { topic, key }] of records.entries()) {
          published.get(topic)?.push(`${offsets[index]} ${key}`)
        }
      }
      assert.ok(count > 50, `${count} were published`)
      for (const { read, stop } of followers) {
        await until('all of it is read', () =>
          topics.every((topic) => read.get(topic)?.length === published.get(topic)?.length),
        )
        await stop()
        for (const topic of topics) assert.equal(read.get(topic), published.get(topic))
      }
      for (const log of logs) await log.close()
      for (const env of writers) await env.close()
    }),

  'are what the files hold, and no more than they follow on each other': () => {
    const drawn = fc.array(fc.tuple(fc.constantFrom(1, 1, 1, 1, 3), fc.nat(2_500)), {
      minLength: 2_100,
      maxLength: 2_600,
    })
    fc.assert(
      fc.property(drawn, (steps) => {
        const tail = new LogTail()
        const [topic] = topics
        const files = new Map<number, LogRecord>()
        let offset = 0
        let unbroken = 0
        for (const [step] of steps) {
          offset += step
          if (step > 1) unbroken = offset
          const record = recordOf(topic, `r${offset}`)
          files.set(offset, record)
          tail.add(record, offset)
        }
        assert.is(tail.from(topic, offset + 1, 10), null, 'the files may know more')
        for (const [, back] of steps.slice(0, 50)) {
          const from = offset - back
          const found = tail.from(topic, from, 7)
          if (from < unbroken) assert.is(found, null)
          if (!found) continue
          assert.is(found.end, offset + 1)
          const due = [0, 1, 2, 3, 4, 5, 6].map((index) => from + index)
          assert.equal(
            found.records,
            due.flatMap((at) => {
              const record = files.get(at)
              return record ? [rawOf(topic, at, record)] : []
            }),
          )
        }
        assert.ok(tail.from(topic, Math.max(unbroken, offset - 999), 1), 'a thousand are kept')
      }),
      { seed: 20_261_130, numRuns: 10, endOnFailure: true },
    )
  },
})
