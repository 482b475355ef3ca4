import type { NewCommit } from '../events/commit.ts'
import type { AuthEvent } from '../events/event.ts'
import { type Entropy, newClaim } from '../kernel/entropy.ts'
import type { EpochMs, StreamId } from '../kernel/ids.ts'
import { completeCommit } from './complete-commit.ts'

const retentionMs = 86_400_000

/** The one commit of a stream that an event has to itself; the store keeps it for a day. */
export const standaloneCommit = (
  stream: StreamId,
  event: AuthEvent,
  { at, entropy }: Readonly<{ at: EpochMs; entropy: Entropy }>,
): NewCommit =>
  completeCommit({
    id: { s: stream, v: 0 },
    at,
    events: [event],
    claim: newClaim(entropy),
    expiresAt: (at + retentionMs) as EpochMs,
  })
