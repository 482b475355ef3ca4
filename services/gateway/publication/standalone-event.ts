import type { AuthEvent } from '../../../shared/events/event.ts'
import { newSessionId } from '../../../shared/kernel/entropy.ts'
import type { StreamId } from '../../../shared/kernel/ids.ts'
import { namedStream } from '../../../shared/kernel/named-stream.ts'
import { standaloneCommit } from '../../../shared/session/standalone-commit.ts'
import type { CommandContext } from './command-context.ts'
import { appendOptimistically, type Decision } from './optimistic-append.ts'
import type { Publisher } from './publisher.ts'

/** What it takes to append a standalone event. */
export type EventDeps = Readonly<{
  context: CommandContext
  publisher: Pick<Publisher, 'enqueue'>
}>

const madeNow = ({ entropy, storeClock }: CommandContext) => ({ entropy, at: storeClock.now() })

/**
 * Appends an event to a stream of its own and enqueues it. An event that strangers can cause at
 * will must not be on the stream of a session or of a subject: its version conflicts could starve a
 * logout (decision 0073: failed logins on the subject’s stream).
 */
export const appendStandaloneEvent = async (deps: EventDeps, event: AuthEvent): Promise<void> => {
  const { context, publisher } = deps
  const stream: StreamId = `x/${newSessionId(context.entropy)}`
  const insert = standaloneCommit(stream, event, madeNow(context))
  await appendOptimistically(deps, async () => ({
    insert,
    onInserted: (appended) => publisher.enqueue(appended),
  }))
}

/**
 * The same for what every gateway notices by itself: of all that append under one `name` within a
 * day, one does.
 */
export const appendEventOnce = async (
  deps: EventDeps,
  name: string,
  event: AuthEvent,
): Promise<void> => {
  const { context, publisher } = deps
  const stream = namedStream(name)
  const insert = standaloneCommit(stream, event, madeNow(context))
  await appendOptimistically(deps, async (): Promise<Decision<void>> => {
    const [newest = null] = await context.store.heads([stream])
    if (newest) return { result: undefined }
    return { insert, onInserted: (appended) => publisher.enqueue(appended) }
  })
}
