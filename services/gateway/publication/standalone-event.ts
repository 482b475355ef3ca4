import { createHash } from 'node:crypto'
import type { NewCommit } from '../../../shared/events/commit.ts'
import type { AuthEvent } from '../../../shared/events/event.ts'
import { newClaim, newSessionId } from '../../../shared/kernel/entropy.ts'
import type { EpochMs, StreamId } from '../../../shared/kernel/ids.ts'
import { completeCommit } from '../../../shared/session/complete-commit.ts'
import type { CommandContext } from './command-context.ts'
import { appendOptimistically, type Decision } from './optimistic-append.ts'
import type { Publisher } from './publisher.ts'

const retentionMs = 86_400_000

/** What it takes to append a standalone event. */
export type EventDeps = Readonly<{
  context: CommandContext
  publisher: Pick<Publisher, 'enqueue'>
}>

const commitOf = (
  { entropy, storeClock }: CommandContext,
  s: StreamId,
  event: AuthEvent,
): NewCommit => {
  const now = storeClock.now()
  return completeCommit({
    id: { s, v: 0 },
    at: now,
    events: [event],
    claim: newClaim(entropy),
    expiresAt: (now + retentionMs) as EpochMs,
  })
}

/**
 * Appends an event to a stream of its own and enqueues it. An event that strangers can cause at
 * will must not be on the stream of a session or of a subject: its version conflicts could starve a
 * logout (decision 0073: failed logins on the subject’s stream).
 */
export const appendStandaloneEvent = async (deps: EventDeps, event: AuthEvent): Promise<void> => {
  const { context, publisher } = deps
  const insert = commitOf(context, `x/${newSessionId(context.entropy)}`, event)
  await appendOptimistically(deps, async () => ({
    insert,
    onInserted: (appended) => publisher.enqueue(appended),
  }))
}

/**
 * The same for what every gateway notices by itself: of all that append under one `name` within a
 * day, one does. Its stream is named by it, so the key of stream and version admits one writer.
 */
export const appendEventOnce = async (
  deps: EventDeps,
  name: string,
  event: AuthEvent,
): Promise<void> => {
  const { context, publisher } = deps
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 32)
  const stream: StreamId = `x/${hash}`
  const insert = commitOf(context, stream, event)
  await appendOptimistically(deps, async (): Promise<Decision<void>> => {
    const [newest = null] = await context.store.heads([stream])
    if (newest) return { result: undefined }
    return { insert, onInserted: (appended) => publisher.enqueue(appended) }
  })
}
