import type { Commit, NewCommit } from '../../../shared/events/commit.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { CommandContext } from './command-context.ts'
import type { Encoder } from './commit-records.ts'
import { LogIdentity } from './log-identity.ts'
import { Publisher } from './publisher.ts'

/** What takes commits from the store to the log. */
export type Publication = Readonly<{
  publisher: Publisher
  identity: LogIdentity
  encoder: Encoder
}>

type Given = Readonly<{
  context: CommandContext
  log: EventLog
  encoder: Encoder
  /** Told of each commit that the log has taken whole, again where it is told again. */
  onPublished: readonly ((commit: NewCommit | Commit) => void)[]
}>

export const openPublication = ({ context, log, encoder, onPublished }: Given): Publication => {
  const { store, entropy, logger } = context
  const identity = new LogIdentity({ store, log, entropy, logger })
  const publisher = new Publisher({
    log,
    store,
    encoder,
    logger,
    logId: () => identity.current(),
    onFailure: () => identity.suspect(),
    onPublished,
  })
  return { publisher, identity, encoder }
}
