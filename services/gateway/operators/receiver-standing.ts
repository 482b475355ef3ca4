import { isAuthError } from '../../../shared/kernel/errors.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { Receiver, Receivers } from '../../../shared/ports/receivers.ts'

/** A receiver, and how far it came. */
export type ReceiverStanding = Readonly<{
  receiver: Receiver
  /** Records of `auth.events` that it has not passed yet; `null` where the log does not answer. */
  behind: number | null
}>

type StandingDeps = Readonly<{
  operators: Readonly<{
    receivers: Pick<Receivers, 'list'>
    log: Pick<EventLog, 'partitions' | 'bounds'>
  }>
}>
type Bounds = Readonly<{ start: number; end: number }>

const topic = 'auth.events'

const boundsOf = async (
  log: StandingDeps['operators']['log'],
): Promise<readonly Bounds[] | null> => {
  try {
    const count = await log.partitions(topic)
    const partitions = Array.from(
      { length: count },
      (_, partition) => ({ topic, partition }) as const,
    )
    return await Promise.all(partitions.map((partition) => log.bounds(partition)))
  } catch (error) {
    if (isAuthError(error)) return null
    throw error
  }
}

/** What lies between the cursor and the end of each partition that it knows. */
const behindOf = ({ cursor }: Receiver, bounds: readonly Bounds[]): number =>
  bounds.reduce((sum, { start, end }, partition) => {
    const next = cursor.find((one) => one.partition === partition)?.next ?? start
    return sum + Math.max(0, end - Math.max(start, next))
  }, 0)

/** Every receiver, in order of id. @throws AuthError STORE_UNAVAILABLE */
export const receiverStandings = async ({
  operators: { receivers, log },
}: StandingDeps): Promise<readonly ReceiverStanding[]> => {
  const [all, bounds] = await Promise.all([receivers.list(), boundsOf(log)])
  return all.map((receiver) => ({ receiver, behind: bounds && behindOf(receiver, bounds) }))
}

const time = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())

/** An address may have a secret in its query. */
const withoutQuery = (url: string): string => url.replace(/[?#].*$/s, '')

/** As `GET /receivers` and `curfew receivers --json` show it; never its `authorization`. */
export const receiverBody = ({ receiver, behind }: ReceiverStanding) => {
  const { id, kind, client, config, status, refused, control, lease } = receiver
  return {
    ...{ id, kind, client, url: config.url === null ? null : withoutQuery(config.url) },
    ...{ audience: config.audience, events: config.events, description: config.description },
    ...{ state: status.state, reason: status.reason, behind, refused },
    // Told beside the log: that its state changed, and what it asked for to see it arrive.
    waiting: control.length,
    delivered_at: time(receiver.deliveredAt),
    verified_at: time(receiver.verifiedAt),
    served_until: time(lease?.until ?? null),
  }
}
