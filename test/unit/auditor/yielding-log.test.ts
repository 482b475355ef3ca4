import fc from 'fast-check'
import { yieldingLog } from '../../../services/auditor/yielding-log.ts'
import { openMemoryEventLog } from '../../../shared/adapters/memory/event-log.ts'
import type { LogRecord } from '../../../shared/events/log-record.ts'
import type { LogBatch } from '../../../shared/ports/event-log.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { assert, claims } from '../../support/suite.ts'

const delayMaxMs = 30_000

const followed = async ({ delayMs = delayMaxMs } = {}) => {
  const clock = fakeClock()
  const log = openMemoryEventLog()
  const state = { isBusy: true }
  const isBusy = (): boolean => state.isBusy
  const taken: number[] = []
  const reader = yieldingLog(log, { clock, isBusy, delayMaxMs: delayMs })
  const following = await reader.follow({
    topics: ['auth.events'],
    group: null,
    resumeAt: async () => 0,
    onBatch: async ({ records }: LogBatch) => {
      taken.push(...records.map(({ offset }) => offset))
    },
  })
  /** Made so long ago; without a number it does not say when. */
  const record = (agoMs: number | null): LogRecord => ({
    topic: 'auth.events',
    key: 'k',
    headers: agoMs === null ? {} : { ce_time: new Date(Number(clock.now()) - agoMs).toISOString() },
    value: '{}',
  })
  return { clock, log, state, taken, following, record }
}

claims('a log whose reader yields to requests', {
  'while the process is busy, what comes waits, and is read once there is time': async () => {
    const { clock, log, state, taken, following, record } = await followed()
    await log.publish([record(0), record(0)])
    await clock.advance(delayMaxMs / 2)
    assert.equal(taken, [])
    state.isBusy = false
    await clock.advance(100)
    assert.equal(taken, [0, 1])
    await following.stop()
  },

  'a process that is not busy waits for nothing': async () => {
    const { clock, log, state, taken, following, record } = await followed()
    state.isBusy = false
    await log.publish([record(0)])
    await clock.advance(0)
    assert.equal(taken, [0])
    await following.stop()
  },

  'under a load without an end no record waits longer than it may, drawn': async () => {
    const ages = fc.array(fc.integer({ min: 0, max: 2 * delayMaxMs }), {
      minLength: 1,
      maxLength: 8,
    })
    await fc.assert(
      fc.asyncProperty(ages, async (agosMs) => {
        const { clock, log, taken, following, record } = await followed()
        const oldestFirst = agosMs.toSorted((a, b) => b - a)
        await log.publish(oldestFirst.map(record))
        const [oldestMs = 0] = oldestFirst
        const leftMs = Math.max(0, delayMaxMs - oldestMs)
        if (leftMs > 100) {
          await clock.advance(leftMs - 100)
          assert.equal(taken, [])
        }
        await clock.advance(200)
        assert.equal(taken, [...oldestFirst.keys()])
        await following.stop()
      }),
      { numRuns: 30 },
    )
  },

  'a load that was waited out makes nothing wait, until there was a second of calm': async () => {
    const { clock, log, state, taken, following, record } = await followed()
    const takesAtOnce = async (): Promise<boolean> => {
      const before = taken.length
      await log.publish([record(0)])
      await clock.advance(0)
      return taken.length > before
    }
    assert.is(await takesAtOnce(), false)
    await clock.advance(delayMaxMs)
    assert.equal(taken, [0])
    assert.is(await takesAtOnce(), true)
    // A moment of calm is none.
    state.isBusy = false
    assert.is(await takesAtOnce(), true)
    await clock.advance(900)
    assert.is(await takesAtOnce(), true)
    state.isBusy = true
    assert.is(await takesAtOnce(), true)
    state.isBusy = false
    assert.is(await takesAtOnce(), true)
    // Calm counts anew behind the load in between.
    await clock.advance(500)
    assert.is(await takesAtOnce(), true)
    state.isBusy = true
    assert.is(await takesAtOnce(), true)
    state.isBusy = false
    assert.is(await takesAtOnce(), true)
    await clock.advance(1_000)
    assert.is(await takesAtOnce(), true)
    state.isBusy = true
    assert.is(await takesAtOnce(), false)
    await following.stop()
  },

  'a pause in which nothing came was calm, though nobody looked': async () => {
    const { clock, log, taken, following, record } = await followed()
    await log.publish([record(0)])
    await clock.advance(delayMaxMs)
    assert.equal(taken, [0])
    await clock.advance(1_000)
    await log.publish([record(0)])
    await clock.advance(0)
    assert.equal(taken, [0])
    await clock.advance(delayMaxMs)
    assert.equal(taken, [0, 1])
    await following.stop()
  },

  'what does not say when it was made does not wait': async () => {
    const { clock, log, taken, following, record } = await followed()
    await log.publish([record(null), record(0)])
    await clock.advance(0)
    assert.equal(taken, [0, 1])
    await following.stop()
  },

  'a wall clock that is set back makes nothing wait longer': async () => {
    const { clock, log, taken, following, record } = await followed()
    await log.publish([record(0)])
    await clock.advance(0)
    clock.jump(-3_600_000)
    await clock.advance(delayMaxMs + 100)
    assert.equal(taken, [0])
    await following.stop()
  },

  'whoever stops does not wait out a busy process, and nothing is lost': async () => {
    const { clock, log, taken, following, record } = await followed()
    await log.publish([record(0)])
    await clock.advance(100)
    await following.stop()
    assert.equal(taken, [0])
  },

  'with a delay of 0 nobody yields': async () => {
    const { clock, log, taken, following, record } = await followed({ delayMs: 0 })
    await log.publish([record(0)])
    await clock.advance(0)
    assert.equal(taken, [0])
    await following.stop()
  },
})
