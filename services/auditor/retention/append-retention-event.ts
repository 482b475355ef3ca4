import type { Entropy } from '../../../shared/kernel/entropy.ts'
import { eventId } from '../../../shared/kernel/ids.ts'
import { namedStream } from '../../../shared/kernel/named-stream.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import { standaloneCommit } from '../../../shared/session/standalone-commit.ts'
import type { RetainingParts } from './decide-retention.ts'

/**
 * Appends the event of a retention to the store, once, however often it is told within a day: a
 * gateway’s relay tells the log.
 */
export const appendRetentionEvent =
  ({
    store,
    entropy,
  }: Readonly<{
    store: Pick<EventStore, 'heads' | 'append' | 'relayScan'>
    entropy: Entropy
  }>): RetainingParts['tell'] =>
  async (name, event) => {
    const stream = namedStream(name)
    const [head = null] = await store.heads([stream])
    if (head === null) {
      const { t: at } = (await store.relayScan(1)).tick
      // On a conflict somebody else told it.
      await store.append(standaloneCommit(stream, event, { at, entropy }))
    }
    return eventId(stream, 0, 0)
  }
