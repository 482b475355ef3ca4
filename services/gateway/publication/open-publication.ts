import type { Commit, NewCommit } from '../../../shared/events/commit.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { CommandContext } from './command-context.ts'
import type { Encoder } from './commit-records.ts'
import { LogIdentity } from './log-identity.ts'
import { Publisher } from './publisher.ts'

/** The parts that bring commits from the store to the log. */
export type Publication = Readonly<{
  publisher: Publisher
  identity: LogIdentity
  encoder: Encoder
}>

type OpenDeps = Readonly<{
  context: CommandContext
  log: EventLog
  encoder: Encoder
  /** Called for each commit of which the log took every record, each time it is published. */
  onPublished: readonly ((commit: NewCommit | Commit) => void)[]
}>

export const openPublication = ({ context, log, encoder, onPublished }: OpenDeps): Publication => {
  const { store, entropy, logger } = context
  const identity = new LogIdentity({ store, log, entropy, logger })
  const publisher = new Publisher({
    log,
    store,
    encoder,
    logger,
    logId: () => identity.current(),
    onFailure: () => identity.requireVerification(),
    onPublished,
  })
  return { publisher, identity, encoder }
}
