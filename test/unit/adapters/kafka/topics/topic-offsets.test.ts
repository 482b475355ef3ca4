import { topicOffsets } from '../../../../../shared/adapters/kafka/topics/topic-offsets.ts'
import { assert, claims } from '../../../../support/suite.ts'

const found = [{ partition: 0, offset: '7', high: '7', low: '3' }]

/** Fails as often as told, then answers. */
const adminFailing = (error: Error, times: number) => {
  let asked = 0
  return {
    asked: () => asked,
    fetchTopicOffsets: async () => {
      asked += 1
      if (asked <= times) throw error
      return found
    },
  }
}

const replaced = new TypeError("Cannot destructure property 'partitions' of 'low.pop(...)'")

claims('the bounds of a topic', {
  'are asked for again when the metadata was replaced in between': async () => {
    const admin = adminFailing(replaced, 3)
    assert.equal(await topicOffsets(admin, 'auth.events'), found)
    assert.is(admin.asked(), 4)
  },

  'are given up when that does not end': async () => {
    const admin = adminFailing(replaced, Number.POSITIVE_INFINITY)
    assert.is(await topicOffsets(admin, 'auth.events').catch((error: unknown) => error), replaced)
  },

  'are not asked for again after what the broker said': async () => {
    const denied = new Error('TOPIC_AUTHORIZATION_FAILED')
    const admin = adminFailing(denied, 1)
    assert.is(await topicOffsets(admin, 'auth.events').catch((error: unknown) => error), denied)
    assert.is(admin.asked(), 1)
  },
})
