import type { AuthEvent } from '../../../shared/events/event.ts'
import { newClaim, newSessionId } from '../../../shared/kernel/entropy.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { commit } from '../../../shared/session/commit.ts'
import type { CommandContext } from './command-context.ts'
import { appendOptimistically } from './optimistic-append.ts'
import type { Publisher } from './publisher.ts'

const keptMs = 86_400_000

/** What telling an event takes that no other command tells. */
export type EventDeps = Readonly<{ context: CommandContext; publisher: Publisher }>

/**
 * Appends an event on a stream of its own. What an attacker can cause at will must not lie on a
 * session's or a subject's stream, where it could starve a logout with conflicts (decision 0073:
 * failed logins on the subject’s stream).
 */
export const appendStandaloneEvent = async (deps: EventDeps, told: AuthEvent): Promise<void> => {
  const {
    context: { entropy, storeClock },
    publisher,
  } = deps
  const now = storeClock.now()
  const whole = commit({
    id: { s: `x/${newSessionId(entropy)}`, v: 0 },
    at: now,
    events: [told],
    claim: newClaim(entropy),
    expiresAt: (now + keptMs) as EpochMs,
  })
  await appendOptimistically(deps, async () => ({ insert: whole, onInserted: () => undefined }))
  publisher.enqueue(whole)
}
