import kafkajs from 'kafkajs'
import { whenTopicsAreKnown } from '../../../../../shared/adapters/kafka/topics/check-topics.ts'
import type { Clock } from '../../../../../shared/kernel/clock.ts'
import { Dice } from '../../../../support/fakes/dice.ts'
import { assert, claims } from '../../../../support/suite.ts'

const { KafkaJSNumberOfRetriesExceeded, KafkaJSProtocolError } = kafkajs

/** As kafkajs makes it; its types leave `type` and `code` out. */
const answered = (type: string, code: number): Error => {
  const from = { type, code, message: type, retriable: true }
  return new KafkaJSProtocolError(Object.assign(new Error(type), from))
}

const unknown = answered('UNKNOWN_TOPIC_OR_PARTITION', 3)
const notYet = [
  unknown,
  answered('LEADER_NOT_AVAILABLE', 5),
  new KafkaJSNumberOfRetriesExceeded(unknown, { retryCount: 3, retryTime: 300 }),
]
const forGood = [
  answered('TOPIC_AUTHORIZATION_FAILED', 29),
  answered('INVALID_TOPIC_EXCEPTION', 17),
  new Error('connect ECONNREFUSED'),
]

const clockOf = (waits: number[]): Clock => ({
  now: () => 0 as ReturnType<Clock['now']>,
  monotonicMs: () => 0,
  sleep: async (ms) => {
    waits.push(ms)
  },
})

/** Fails in this order, then answers. */
const looking = (failures: readonly Error[]) => {
  let looks = 0
  const look = async (): Promise<string> => {
    looks += 1
    const failure = failures[looks - 1]
    if (failure) throw failure
    return 'seen'
  }
  return { look, looks: () => looks }
}

claims('topics that a broker does not know yet', {
  'are looked at again, whatever says so and however often within four seconds': async () => {
    const dice = new Dice('known-topics')
    for (let round = 0; round < 100; round += 1) {
      const failures = Array.from({ length: dice.below(40) }, () => dice.pick(notYet))
      const waits: number[] = []
      const { look, looks } = looking(failures)
      assert.is(await whenTopicsAreKnown(clockOf(waits), look), 'seen')
      assert.is(looks(), failures.length + 1)
      assert.is(waits.length, failures.length)
      assert.ok(waits.reduce((sum, ms) => sum + ms, 0) < 4_000)
    }
  },

  'are given up after that, with what the broker said': async () => {
    const { look, looks } = looking(Array(100).fill(unknown))
    const error = await whenTopicsAreKnown(clockOf([]), look).catch((reason: unknown) => reason)
    assert.is(error, unknown)
    assert.is(looks(), 40)
  },

  'are not waited for after any other failure': async () => {
    for (const failure of forGood) {
      const { look, looks } = looking([unknown, failure])
      const error = await whenTopicsAreKnown(clockOf([]), look).catch((reason: unknown) => reason)
      assert.is(error, failure)
      assert.is(looks(), 2)
    }
  },
})
