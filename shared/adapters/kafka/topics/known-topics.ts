import type { Clock } from '../../../kernel/clock.ts'

const tryEveryMs = 100
const triesMax = 40

const notKnownYet = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE'])

/** kafkajs wraps what a broker answered once its own tries are used up. */
const saysNotKnownYet = (error: unknown): boolean =>
  error instanceof Error &&
  (('type' in error && notKnownYet.has(String(error.type))) || saysNotKnownYet(error.cause))

/**
 * Calls `look` again while a broker answers that it does not know a topic or its leader, for about
 * four seconds. A topic that was made a moment ago is known to the controller first and to each
 * broker a little later; a gateway that took that for a broker out of reach served on topics that
 * must stop its start. `look` may therefore be called often, and must not mind what it did before.
 */
export const whenTopicsAreKnown = async <T>(clock: Clock, look: () => Promise<T>): Promise<T> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await look()
    } catch (error) {
      if (tries >= triesMax || !saysNotKnownYet(error)) throw error
    }
    await clock.sleep(tryEveryMs)
  }
}
