import { AuthError } from '../kernel/errors.ts'
import type { EventStore } from '../ports/event-store.ts'

export type FleetNames = Readonly<{
  fleet: string | undefined
  /** The name of `auth.revocations` on the broker; `null` where the log lies beside the store. */
  topics: string | null
}>

const conflict = (text: string): never => {
  throw new AuthError('FLEET_CONFLICT', text)
}

/**
 * One database is one fleet's, and belongs to one log: with two prefixes each gateway would find
 * the other's log a new one, for ever. To be asked once it is known that the keys are the store's.
 * @throws AuthError FLEET_CONFLICT with the fix
 */
export const agreeOnFleet = async (
  store: Pick<EventStore, 'agree'>,
  { fleet, topics }: FleetNames,
): Promise<void> => {
  if (fleet !== undefined) {
    const owner = await store.agree('fleet', fleet)
    if (owner !== fleet) {
      conflict(
        `this database belongs to the fleet ${owner}, and log-mac.json is that of ${fleet}: set ` +
          `CURFEW_MONGODB_DATABASE to one of its own, or use the keys of ${owner}`,
      )
    }
  }
  if (topics === null) return
  const agreed = await store.agree('topics', topics)
  if (agreed === topics) return
  conflict(
    `this database belongs to the topic ${agreed}, and CURFEW_KAFKA_TOPIC_PREFIX makes it ` +
      `${topics}: set the prefix back, or CURFEW_MONGODB_DATABASE to one of its own`,
  )
}

/**
 * Readers of `auth.events` have one of the first, and would park what another one signed. The keys
 * of persons are wrapped by the second, and would open to no other gateway.
 */
const laterRings = {
  events: { agreement: 'events-mac-ring', file: 'events-mac.json' },
  personal: { agreement: 'personal-ring', file: 'personal.json' },
} as const

/** @throws AuthError KEYS_INVALID for the ring of another fleet */
export const agreeOnRing = async (
  store: Pick<EventStore, 'agree'>,
  kind: keyof typeof laterRings,
  ringId: string,
): Promise<void> => {
  const { agreement, file } = laterRings[kind]
  if ((await store.agree(agreement, ringId)) === ringId) return
  throw new AuthError(
    'KEYS_INVALID',
    `${file} is not that of this store's fleet: copy it from another gateway`,
  )
}
