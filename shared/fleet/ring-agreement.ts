import { AuthError } from '../kernel/errors.ts'
import type { EventStore } from '../ports/event-store.ts'

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
