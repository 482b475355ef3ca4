import type { Consumer, EachBatchPayload } from 'kafkajs'
import { ErrorReporter } from '../../../../../shared/adapters/kafka/connection/error-reporter.ts'
import { BatchReader } from '../../../../../shared/adapters/kafka/reading/batch-reader.ts'
import { ReadingBackoff } from '../../../../../shared/adapters/kafka/reading/reading-backoff.ts'
import { type FakeClock, fakeClock } from '../../../../support/fakes/fake-clock.ts'
import { assert, claims } from '../../../../support/suite.ts'

const message = {
  ...{ key: null, value: Buffer.from('x'), timestamp: '0', attributes: 0, offset: '0' },
  headers: {},
}

/** A consumer that hands out the same batch whenever the partition is not paused. */
const failing = (clock: FakeClock, fails: () => string | null) => {
  const backoff = new ReadingBackoff(clock)
  const told: string[] = []
  const state = { calls: 0, isPaused: false }
  const newReader = (): BatchReader =>
    new BatchReader(
      {
        ...{ clock, prefix: '', backoff, stop: new AbortController().signal },
        options: {
          topics: ['auth.revocations'],
          group: null,
          resumeAt: async () => 0,
          onBatch: async () => {
            state.calls += 1
            const why = fails()
            if (why !== null) throw new Error(why)
          },
        },
        onTrouble: ({ message: why }) => told.push(why),
        onRead: () => {},
        endsBelow: async () => false,
      },
      { seek: () => {} } as unknown as Consumer,
    )
  const payload = {
    batch: {
      ...{ topic: 'auth.revocations', partition: 0, highWatermark: '1' },
      messages: [message],
    },
    heartbeat: async () => {},
    resolveOffset: () => {},
    pause: () => {
      state.isPaused = true
      return () => {
        state.isPaused = false
      }
    },
  } as unknown as EachBatchPayload
  return { newReader, payload, state, told }
}

claims('a reader whose batches are rejected', {
  'waits twice as long each time, up to two seconds': async () => {
    const clock = fakeClock()
    const { newReader, payload, state } = failing(clock, () => 'no')
    const reader = newReader()
    const waits: number[] = []
    for (let round = 0; round < 8; round += 1) {
      await reader.take(payload)
      let waited = 0
      for (; state.isPaused; waited += 50) await clock.advance(50)
      waits.push(waited)
    }
    assert.equal(waits, [100, 200, 400, 800, 1_600, 2_000, 2_000, 2_000])
  },

  'waits on through places in the group and new consumers, which forget that it was paused':
    async () => {
      const clock = fakeClock()
      const { newReader, payload, state } = failing(clock, () => 'no')
      const first = newReader()
      for (let round = 0; round < 6; round += 1) {
        await first.take(payload)
        await clock.advance(2_000)
      }
      await first.take(payload)
      assert.is(state.calls, 7)
      for (const reader of [first, newReader(), newReader()]) {
        reader.forgetPlaces()
        state.isPaused = false
        await reader.take(payload)
        assert.equal([state.calls, state.isPaused], [7, true])
      }
      await clock.advance(2_000)
      assert.is(state.isPaused, false)
      await newReader().take(payload)
      assert.is(state.calls, 8)
    },

  'begins with the short wait again once a batch was handled': async () => {
    const clock = fakeClock()
    let why: string | null = 'no'
    const { newReader, payload, state } = failing(clock, () => why)
    const reader = newReader()
    for (let round = 0; round < 6; round += 1) {
      await reader.take(payload)
      await clock.advance(2_000)
    }
    why = null
    await reader.take(payload)
    why = 'no'
    await reader.take(payload)
    await clock.advance(100)
    assert.is(state.isPaused, false)
  },
})

claims('trouble that goes on', {
  'is told once, when its cause changes, and a minute later': async () => {
    const clock = fakeClock()
    const told: string[] = []
    const troubles = new ErrorReporter(clock, ({ message: why }) => told.push(why))
    const during = async (ms: number, causes: readonly string[]): Promise<void> => {
      for (let at = 0; at < ms; at += 100) {
        troubles.report(new Error(causes[(at / 100) % causes.length]))
        await clock.advance(100)
      }
    }
    await during(10_000, ['port 1 is closed', 'port 2 is closed'])
    assert.equal(told, ['port 1 is closed'])
    await during(10_000, ['port 1 is closed', 'no password'])
    assert.equal(told.slice(1), ['no password'])
    await during(50_000, ['no password'])
    assert.is(told.length, 2)
    await during(20_000, ['no password'])
    assert.equal(told.slice(2), ['no password'])
  },

  'is told anew after a quiet while, and not when it flickers': async () => {
    const clock = fakeClock()
    const told: string[] = []
    const troubles = new ErrorReporter(clock, ({ message: why }) => told.push(why))
    for (let round = 0; round < 20; round += 1) {
      troubles.report(new Error('now and then'))
      await clock.advance(100)
      troubles.recovered()
    }
    assert.is(told.length, 1)
    await clock.advance(5_000)
    troubles.recovered()
    troubles.report(new Error('now and then'))
    assert.is(told.length, 2)
  },
})
