import type { NewCommit } from '../../../shared/events/commit.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { parsePosition, positionText } from '../../../shared/kernel/position.ts'
import { type CommandContext, instantAfter, type Publisher } from '../publication/index.ts'

/** How far a revocation has come when it is answered; both are true everywhere within the bound. */
export type Delivery = Readonly<{
  status: 'acknowledged' | 'pending'
  /**
   * Opaque outside; doors wait for it. `null` when the store could not even be asked for the time.
   */
  position: string | null
}>

/** What waiting for the log takes. */
export type DeliveryDeps = Readonly<{
  context: Pick<CommandContext, 'clock' | 'store' | 'publishTimeoutMs'>
  publisher: Publisher
}>

/**
 * Publishes a revocation that is in the store and waits for the log, at most `publishTimeoutMs`.
 * Never rejects: what is in the store is never lost, the relay publishes it later.
 */
export const deliver = async (deps: DeliveryDeps, commit: NewCommit): Promise<Delivery> => {
  const {
    publisher,
    context: { clock, publishTimeoutMs, store },
  } = deps
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

const reach = ({ position }: Delivery): number => {
  const at = position === null ? null : parsePosition(position)
  return at === null ? 0 : at.kind === 'offset' ? at.offset : at.t
}

/** Of several at once: what is true of all of them, and the position that none lies above. */
export const combinedDelivery = (deliveries: readonly Delivery[]): Delivery => {
  const pending = deliveries.filter(({ status }) => status === 'pending')
  const [first, ...rest] = pending.length > 0 ? pending : deliveries
  if (!first) throw new AuthError('INTERNAL', 'nothing was delivered')
  return rest.reduce((last, one) => (reach(one) > reach(last) ? one : last), first)
}
