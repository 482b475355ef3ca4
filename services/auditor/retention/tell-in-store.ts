import { createHash } from 'node:crypto'
import type { Entropy } from '../../../shared/kernel/entropy.ts'
import { newClaim } from '../../../shared/kernel/entropy.ts'
import { type EpochMs, eventId, type StreamId } from '../../../shared/kernel/ids.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import { completeCommit } from '../../../shared/session/complete-commit.ts'
import type { RetainingParts } from './retain-trail.ts'

const keptMs = 86_400_000

/**
 * Appends the event of a retention to the store, once, however often it is told within a day: a
 * gateway’s relay tells the log. Its stream is named by it.
 */
export const tellInStore =
  ({
    store,
    entropy,
  }: Readonly<{
    store: Pick<EventStore, 'heads' | 'append' | 'relayScan'>
    entropy: Entropy
  }>): RetainingParts['tell'] =>
  async (name, event) => {
    const hash = createHash('sha256').update(name).digest('hex').slice(0, 32)
    const stream: StreamId = `x/${hash}`
    const [head = null] = await store.heads([stream])
    if (head === null) {
      const { t: at } = (await store.relayScan(1)).tick
      const expiresAt = (at + keptMs) as EpochMs
      const claim = newClaim(entropy)
      // On a conflict somebody else told it.
      await store.append(
        completeCommit({ id: { s: stream, v: 0 }, at, events: [event], claim, expiresAt }),
      )
    }
    return eventId(stream, 0, 0)
  }
