import type { Context } from 'koa'
import type { NewCommit } from '../../../shared/events/commit.ts'
import { within } from '../../../shared/kernel/concurrency/within.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EventId } from '../../../shared/kernel/ids.ts'
import { parsePosition, positionText } from '../../../shared/kernel/revocation-position.ts'
import { type CommandContext, freshStoreInstant, type Publisher } from '../publication/index.ts'

/** The events of a commit that end something and are no rotation. */
export const revokingEvents = ({ id: { s, v }, events }: NewCommit): readonly EventId[] =>
  events.flatMap(({ type, data }, index) =>
    type === 'TokenRevoked' && data.reason !== 'rotated' ? [`${s}:${v}:${index}` as EventId] : [],
  )

/** As a path of a URL: the first slash and the colons of an id may stand in it as they are. */
const pathOf = (id: EventId): string =>
  `/audit/receipts/${encodeURIComponent(id).replace('%2F', '/').replaceAll('%3A', ':')}`

/** Where an auditor has the receipts of a commit, once the events are signed. */
export const receiptPaths = (commit: NewCommit): readonly string[] =>
  revokingEvents(commit).map(pathOf)

/**
 * Whether the log has a revocation when it is answered. Either way it is durable in the store, and
 * every guard knows it within the staleness bound.
 */
export type Delivery = Readonly<{
  status: 'acknowledged' | 'pending'
  /**
   * Opaque to clients; doors can wait for it. `null` when the store did not answer the time.
   */
  position: string | null
  /** Where an auditor has its receipts within seconds; empty where none is known. */
  receipts: readonly string[]
}>

/** What `deliver` uses. */
export type DeliveryDeps = Readonly<{
  context: Pick<CommandContext, 'clock' | 'store' | 'publishTimeoutMs' | 'hasTrail'>
  publisher: Publisher
}>

/** Where the receipts of a commit will be. */
export const receiptsOf = (
  { context }: Pick<DeliveryDeps, 'context'>,
  commit: NewCommit,
): readonly string[] => (context.hasTrail ? receiptPaths(commit) : [])

/**
 * Publishes a revocation that is in the store, and waits for the log, at most `publishTimeoutMs`.
 * Never rejects: if the log does not answer in time, the relay publishes the commit later.
 */
export const deliver = async (deps: DeliveryDeps, commit: NewCommit): Promise<Delivery> => {
  const { publisher } = deps
  const { clock, publishTimeoutMs, store } = deps.context
  const publishing = publisher.publish(commit).catch(() => null)
  const published = await within(clock, publishTimeoutMs, publishing)
  if (published && published.offset !== null) {
    const { logId, offset } = published
    const position = positionText({ kind: 'offset', logId, offset })
    return { status: 'acknowledged', position, receipts: receiptsOf(deps, commit) }
  }
  // A tick that was written after the append: a door whose closed time is greater has the commit.
  const t = await freshStoreInstant(store).catch(() => null)
  const position = t && positionText({ kind: 'instant', t })
  return { status: 'pending', position, receipts: receiptsOf(deps, commit) }
}

const offsetOrInstant = ({ position }: Delivery): number => {
  const at = position === null ? null : parsePosition(position)
  return at === null ? 0 : at.kind === 'offset' ? at.offset : at.t
}

/**
 * Combines the deliveries of several revocations: pending if one is, the greatest position, and all
 * receipts.
 */
export const combinedDelivery = (deliveries: readonly Delivery[]): Delivery => {
  const pending = deliveries.filter(({ status }) => status === 'pending')
  const [first, ...rest] = pending.length > 0 ? pending : deliveries
  if (!first) throw new AuthError('INTERNAL', 'nothing was delivered')
  const last = rest.reduce(
    (last, next) => (offsetOrInstant(next) > offsetOrInstant(last) ? next : last),
    first,
  )
  return { ...last, receipts: [...new Set(deliveries.flatMap(({ receipts }) => receipts))] }
}

/**
 * `Revocation-Status` says whether the log has the revocation; `Revocation-Position` is a position
 * for which doors can wait; `Revocation-Receipt` says where the auditor has the proofs.
 */
export const setDeliveryHeaders = (
  ctx: Context,
  { status, position, receipts }: Delivery,
): void => {
  ctx.set('Revocation-Status', status)
  if (position !== null) ctx.set('Revocation-Position', position)
  if (receipts.length > 0) ctx.set('Revocation-Receipt', receipts.join(', '))
}
