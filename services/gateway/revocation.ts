import type { NewCommit } from '../../shared/events/commit.ts'
import { positionText } from '../../shared/kernel/position.ts'
import { instantAfter } from './instant-after.ts'
import type { GatewayParts } from './parts.ts'

/** How far a revocation has come when it is answered; both are true everywhere within the bound. */
export type Delivery = Readonly<{
  status: 'acknowledged' | 'pending'
  /**
   * Opaque outside; doors wait for it. `null` when the store could not even be asked for the time.
   */
  position: string | null
}>

type Delivering = Pick<GatewayParts, 'publisher' | 'clock' | 'publishTimeoutMs' | 'store'>

/**
 * Publishes a revocation that is in the store and waits for the log, at most `publishTimeoutMs`.
 * Never rejects: what is in the store is never lost, the relay publishes it later.
 */
export const deliver = async (parts: Delivering, commit: NewCommit): Promise<Delivery> => {
  const { publisher, clock, publishTimeoutMs, store } = parts
  const timer = new AbortController()
  const published = await Promise.race([
    publisher.publish(commit).catch(() => null),
    clock.sleep(publishTimeoutMs, timer.signal).then(() => null),
  ])
  timer.abort()
  if (published && published.offset !== null) {
    const { logId, offset } = published
    return { status: 'acknowledged', position: positionText({ kind: 'offset', logId, offset }) }
  }
  // A tick written after the append: a door has it when its closed time is greater.
  const t = await instantAfter(store).catch(() => null)
  const position = t && positionText({ kind: 'instant', t })
  return { status: 'pending', position }
}
