import { setImmediate as turn } from 'node:timers/promises'
import { StoreClock } from '../../../../../services/gateway/publication/store-clock.ts'
import { PollDelivery } from '../../../../../services/gateway/ssf/polling/poll-delivery.ts'
import { PollReader } from '../../../../../services/gateway/ssf/polling/poll-reader.ts'
import type { TransmitterDeps } from '../../../../../services/gateway/ssf/transmitter-deps.ts'
import { openMemoryEventLog } from '../../../../../shared/adapters/memory/event-log.ts'
import { openMemoryReceivers } from '../../../../../shared/adapters/memory/receivers.ts'
import { macHeader } from '../../../../../shared/events/record-mac.ts'
import { systemClock as clock } from '../../../../../shared/kernel/clock.ts'
import { systemEntropy as entropy, fraction } from '../../../../../shared/kernel/entropy.ts'
import { AuthError, isAuthError } from '../../../../../shared/kernel/errors.ts'
import { silentLogger as logger } from '../../../../../shared/kernel/logger.ts'
import { Meter } from '../../../../../shared/metrics/meter.ts'
import { aReceiver } from '../../../../contracts/receivers.ts'
import { anEventCheck, anEventRecord } from '../../../../support/fakes/builders.ts'
import { fakeClock } from '../../../../support/fakes/fake-clock.ts'
import { replacing } from '../../../../support/fakes/faulty-stores.ts'
import { seededEntropy } from '../../../../support/fakes/seeded-entropy.ts'
import { assert, claims } from '../../../../support/suite.ts'
import { until } from '../../../../support/until.ts'
import { sharedKeys } from '../../../../support/worlds/ssf-desk.ts'

const stream = aReceiver({
  kind: 'ssf-poll',
  subjects: { all: true, rules: [] },
  control: [],
  cursor: [{ partition: 0, next: 0 }],
})

const partsWith = async (count: number): Promise<TransmitterDeps> => {
  const log = openMemoryEventLog()
  await log.publish(Array.from({ length: count }, (_, index) => anEventRecord('ann', index)))
  const receivers = openMemoryReceivers()
  await receivers.create(stream)
  const issuer = 'https://auth.example'
  const store = { agree: async (_: string, value: string) => value }
  const { sets } = await sharedKeys()
  const storeClock = new StoreClock(clock)
  const events = anEventCheck()
  const shared = { receivers, log, store, sets, events, clock, storeClock, entropy, logger }
  return {
    ...shared,
    issuer,
    baseUrl: issuer,
    meter: null,
    allowPrivate: false,
    hasAllSubjects: true,
  }
}
/** Lets what is due settle. */
const turns = async (): Promise<void> => {
  for (let count = 0; count < 10; count += 1) await turn()
}
const here = new AbortController().signal
const asked = { max: 100, returnImmediately: true, refused: new Map<string, string>() }

claims('polls of a stream', {
  'keep a bounded window of the log, and read on when some of it is settled': async () => {
    const parts = await partsWith(1_500)
    const reader = new PollReader(parts, stream, [])
    await reader.start()
    await until('it is full', () => reader.isFull)
    const kept = () => reader.spans.get(0)?.entries.length
    assert.is(kept(), 1_024)
    reader.dropBelow([{ partition: 0, next: 100 }])
    await until('it read on', () => reader.spans.get(0)?.readTo === 1_124)
    assert.is(kept(), 1_024)
    await reader.stop()
  },

  'are not told what no gateway signed': async () => {
    const parts = await partsWith(1)
    const meter = new Meter()
    const { [macHeader]: _mac, ...headers } = anEventRecord('ann', 1).headers
    await parts.log.publish([{ ...anEventRecord('ann', 1), headers }, anEventRecord('ann', 2)])
    const desk = new PollDelivery({ ...parts, meter })
    const { sets } = await desk.poll(stream.id, { ...asked, acked: [] }, here)
    const end = new AbortController()
    end.abort()
    await desk.run(end.signal)
    assert.is(Object.keys(sets).length, 2)
    assert.match(await meter.text(), /curfew_forged_records_total\{topic="auth.events"\} 1/)
  },

  'say that there may be more while the log was not read to where it ended': async () => {
    const time = fakeClock()
    const parts = await partsWith(1)
    const silent = replacing(parts.log, { follow: async () => ({ stop: async () => {} }) })
    const desk = new PollDelivery({ ...parts, clock: time, log: silent })
    const answer = desk.poll(stream.id, { ...asked, acked: [] }, here)
    await until('it waits for the log', () => time.sleeping() > 0)
    await time.advance(10_000)
    assert.equal(await answer, { sets: {}, moreAvailable: true })
  },

  'have the log read for them for five minutes more, and then anew': async () => {
    const parts = await partsWith(1)
    const time = fakeClock()
    let reading = 0
    const log = replacing(parts.log, {
      follow: async (options) => {
        const following = await parts.log.follow(options)
        reading += 1
        const stop = async (): Promise<void> => {
          reading -= 1
          await following.stop()
        }
        return { stop }
      },
    })
    const desk = new PollDelivery({ ...parts, clock: time, log })
    const end = new AbortController()
    const running = desk.run(end.signal)
    const given = async () =>
      Object.keys((await desk.poll(stream.id, { ...asked, acked: [] }, here)).sets).length
    assert.equal([await given(), reading], [1, 1])
    await time.advance(4 * 60_000)
    assert.is(await given(), 1)
    await time.advance(4 * 60_000)
    assert.is(reading, 1)
    await time.advance(2 * 60_000)
    assert.is(reading, 0)
    assert.equal([await given(), reading], [1, 1])
    end.abort()
    await running
    assert.is(reading, 0)
  },

  'that their caller gave up end nobody’s wait': async () => {
    const parts = await partsWith(0)
    const time = fakeClock()
    const desk = new PollDelivery({ ...parts, clock: time })
    let hasEnded = false
    const waiting = { ...asked, returnImmediately: false, acked: [] }
    const gone = new AbortController()
    const waits = desk.poll(stream.id, waiting, gone.signal).finally(() => {
      hasEnded = true
    })
    await until('it waits', () => time.sleeping() > 0)
    const none = { sets: {}, moreAvailable: false }
    assert.equal(await desk.poll(stream.id, waiting, AbortSignal.abort()), none)
    await turns()
    assert.is(hasEnded, false)
    gone.abort()
    assert.equal(await waits, none)
  },

  'fail alone when the log does, while a reader of the former generation still stops': async () => {
    const parts = await partsWith(0)
    let stop: () => void = () => {}
    const stopped = new Promise<void>((resolve) => {
      stop = resolve
    })
    let isDown = false
    const log = replacing(parts.log, {
      follow: async () => ({ stop: () => stopped }),
      bounds: async (source) => {
        if (isDown) throw new AuthError('LOG_UNAVAILABLE', 'down')
        return parts.log.bounds(source)
      },
    })
    const desk = new PollDelivery({ ...parts, log })
    const poll = () => desk.poll(stream.id, { ...asked, acked: [] }, here)
    await poll()
    const stored = await parts.receivers.get(stream.id)
    assert.ok(stored)
    await parts.receivers.replace({ ...stored, generation: stored.generation + 1 })
    isDown = true
    const unheard: unknown[] = []
    const hear = (error: unknown): number => unheard.push(error)
    process.on('unhandledRejection', hear)
    const refused = poll().catch((error: unknown) => error)
    await turns()
    stop()
    assert.ok(isAuthError(await refused, 'LOG_UNAVAILABLE'))
    process.off('unhandledRejection', hear)
    assert.equal(unheard, [])
  },

  'settle what another gateway gave that has read further, or say that they cannot yet':
    async () => {
      const parts = await partsWith(0)
      const time = fakeClock()
      let open: () => void = () => {}
      const gate = new Promise<void>((resolve) => {
        open = resolve
      })
      const slow = replacing(parts.log, {
        follow: (options) =>
          parts.log.follow({
            ...options,
            onBatch: async (batch, goOnAt) => {
              await gate
              await options.onBatch(batch, goOnAt)
            },
          }),
      })
      const [ahead, behind] = [
        new PollDelivery(parts),
        new PollDelivery({ ...parts, clock: time, log: slow }),
      ]
      const none = { sets: {}, moreAvailable: false }
      assert.equal(await behind.poll(stream.id, { ...asked, acked: [] }, here), none)
      await parts.log.publish([anEventRecord('ann', 0)])
      const { sets } = await ahead.poll(stream.id, { ...asked, acked: [] }, here)
      const settle = () => behind.poll(stream.id, { ...asked, acked: Object.keys(sets) }, here)
      const refused = settle().catch((error: unknown) => error)
      await until('it waits for the log', () => time.sleeping() > 0)
      await time.advance(5_000)
      assert.ok(isAuthError(await refused, 'LOG_UNAVAILABLE'))
      const settling = settle()
      open()
      assert.equal(await settling, none)
      assert.equal((await ahead.poll(stream.id, { ...asked, acked: [] }, here)).sets, {})
      assert.equal((await parts.receivers.get(stream.id))?.cursor, [{ partition: 0, next: 1 }])
    },

  'lose nothing, whatever is lost on the way, at two gateways that die and begin again':
    async () => {
      const total = 1_500
      const parts = await partsWith(total)
      const dice = seededEntropy('polls')
      const heard = new Set<string>()
      const settled = new Set<string>()
      const desks = [new PollDelivery(parts), new PollDelivery(parts)]
      const opened = (index: number): PollDelivery => {
        if (fraction(dice) < 0.05) desks[index] = new PollDelivery(parts)
        return desks[index] ?? new PollDelivery(parts)
      }
      let acked: readonly string[] = []
      for (let turn = 0; settled.size < total; turn += 1) {
        assert.ok(turn < 1_000, `${settled.size} settled after ${turn} polls`)
        const { sets } = await opened(turn % 2).poll(stream.id, { ...asked, acked }, here)
        for (const jti of acked) settled.add(jti)
        // What was acknowledged never comes again.
        for (const jti of Object.keys(sets)) assert.is(settled.has(jti), false)
        const isLost = fraction(dice) < 0.1
        if (!isLost) for (const jti of Object.keys(sets)) heard.add(jti)
        acked = isLost ? [] : Object.keys(sets).filter(() => fraction(dice) < 0.8)
      }
      assert.is(heard.size, total)
      const stored = await parts.receivers.get(stream.id)
      assert.equal([stored?.cursor, stored?.acked], [[{ partition: 0, next: total }], []])
      for (const desk of desks) await desk.run(AbortSignal.abort())
      await parts.log.close()
    },
})
