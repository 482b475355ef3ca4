import type { AuthEvent } from '../../../shared/events/event.ts'
import { newClaim, newSessionId } from '../../../shared/kernel/entropy.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { completeCommit } from '../../../shared/session/complete-commit.ts'
import type { CommandContext } from './command-context.ts'
import { appendOptimistically } from './optimistic-append.ts'
import type { Publisher } from './publisher.ts'

const retentionMs = 86_400_000

/** What it takes to append a standalone event. */
export type EventDeps = Readonly<{ context: CommandContext; publisher: Publisher }>

/**
 * Appends an event to a stream of its own and enqueues it. An event that strangers can cause at
 * will must not be on the stream of a session or of a subject: its version conflicts could starve a
 * logout (decision 0073: failed logins on the subject’s stream).
 */
export const appendStandaloneEvent = async (deps: EventDeps, event: AuthEvent): Promise<void> => {
  const { publisher } = deps
  const { entropy, storeClock } = deps.context
  const now = storeClock.now()
  const standalone = completeCommit({
    id: { s: `x/${newSessionId(entropy)}`, v: 0 },
    at: now,
    events: [event],
    claim: newClaim(entropy),
    expiresAt: (now + retentionMs) as EpochMs,
  })
  await appendOptimistically(deps, async () => ({
    insert: standalone,
    onInserted: (appended) => publisher.enqueue(appended),
  }))
}
