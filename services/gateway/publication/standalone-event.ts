import type { AuthEvent } from '../../../shared/events/event.ts'
import { newClaim, newSessionId } from '../../../shared/kernel/entropy.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { commit } from '../../../shared/session/commit.ts'
import type { GatewayParts } from '../parts.ts'
import { contend } from './optimistic-append.ts'

const keptMs = 86_400_000

/**
 * Appends an event on a stream of its own. What an attacker can cause at will must not lie on a
 * session's or a subject's stream, where it could starve a logout with conflicts (decision 0073:
 * failed logins on the subject’s stream).
 */
export const tellAside = async (parts: GatewayParts, told: AuthEvent): Promise<void> => {
  const { entropy, storeClock, publisher } = parts
  const now = storeClock.now()
  const whole = commit({
    id: { s: `x/${newSessionId(entropy)}`, v: 0 },
    at: now,
    events: [told],
    claim: newClaim(entropy),
    expiresAt: (now + keptMs) as EpochMs,
  })
  await contend(parts, async () => ({ insert: whole, won: () => undefined }))
  publisher.hand(whole)
}
