import type { Consumer, EachBatchPayload } from 'kafkajs'
import { BatchReader } from '../../../../../shared/adapters/kafka/reading/batch-reader.ts'
import { endsBelow } from '../../../../../shared/adapters/kafka/reading/log-truncation-check.ts'
import { ReadingBackoff } from '../../../../../shared/adapters/kafka/reading/reading-backoff.ts'
import { AuthError } from '../../../../../shared/kernel/errors.ts'
import type { LogBatch } from '../../../../../shared/ports/event-log.ts'
import { fakeClock } from '../../../../support/fakes/fake-clock.ts'
import { assert, claims } from '../../../../support/suite.ts'

const partition = { topic: 'auth.revocations', partition: 0 } as const

/** Asks, and lets time pass until there is an answer. */
const asked = async (ends: readonly (number | null)[], offset: number) => {
  const clock = fakeClock()
  let questions = 0
  const bounds = async () => {
    const end = ends[Math.min(questions, ends.length - 1)]
    questions += 1
    if (end === null || end === undefined) throw new AuthError('LOG_UNAVAILABLE', 'not yet')
    return { start: 0, end }
  }
  const since = clock.monotonicMs()
  let answer: boolean | string | undefined
  const asking = endsBelow(clock, bounds)(partition, offset)
  void asking.then(
    (is) => {
      answer = is
    },
    () => {
      answer = 'failed'
    },
  )
  await clock.advance(0)
  while (answer === undefined) await clock.advance(100)
  return { answer, questions, ms: clock.monotonicMs() - since }
}

/** A reader that stands at 100, and a leader that is new. */
const reading = async (isShorter: boolean) => {
  const seeks: string[] = []
  const batches: LogBatch[] = []
  const clock = fakeClock()
  const consumer = { seek: ({ offset }: { offset: string }) => seeks.push(offset) }
  const reader = new BatchReader(
    {
      ...{ clock, prefix: '', backoff: new ReadingBackoff(clock) },
      ...{ stop: new AbortController().signal, onRead: () => {}, onTrouble: () => {} },
      endsBelow: async () => isShorter,
      options: {
        ...{ topics: ['auth.revocations'], group: null, resumeAt: async () => 100 },
        onBatch: async (batch) => void batches.push(batch),
      },
    },
    consumer as unknown as Consumer,
  )
  const take = async (first: number, count: number, highWatermark: number): Promise<void> => {
    const messages = Array.from({ length: count }, (_, index) => ({
      ...{ key: null, value: null, timestamp: '0', attributes: 0, headers: {} },
      offset: String(first + index),
    }))
    await reader.take({
      batch: { topic: 'auth.revocations', partition: 0, messages, highWatermark },
      ...{ heartbeat: async () => {}, resolveOffset: () => {}, pause: () => () => {} },
    } as unknown as EachBatchPayload)
  }
  return { seeks, batches, take }
}

claims('an end of the log below what was read', {
  'is not believed when it comes with what a leader hands out': async () => {
    const { seeks, batches, take } = await reading(false)
    await take(0, 10, 90)
    assert.equal([seeks, batches.length], [['100'], 0])
    await take(100, 2, 102)
    assert.equal(
      batches.map(({ records }) => records.map(({ offset }) => offset)),
      [[100, 101]],
    )
  },

  'is believed when the log says so: all that there is is told, with that end': async () => {
    const { seeks, batches, take } = await reading(true)
    await take(0, 10, 10)
    assert.equal(seeks, [])
    assert.equal([batches[0]?.records.length, batches[0]?.end], [10, 10])
  },

  'is asked for again over three seconds before it is believed': async () => {
    const { answer, questions, ms } = await asked([40], 100)
    assert.is(answer, true)
    assert.ok(questions >= 2 && ms >= 3_000, `${questions} questions in ${ms} ms`)
  },

  'is not there once one answer reaches it': async () => {
    assert.equal(await asked([100], 100), { answer: false, questions: 1, ms: 0 })
    const { answer, questions } = await asked([40, 40, 60, 100], 100)
    assert.equal([answer, questions], [false, 4])
  },

  'is unknown while a leader does not say where its log ends': async () => {
    assert.is((await asked([null], 100)).answer, 'failed')
    assert.is((await asked([40, null], 100)).answer, 'failed')
  },
})
