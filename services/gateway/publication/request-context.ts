import type { Context } from 'koa'
import type { NewCommit } from '../../../shared/events/commit.ts'
import { withFields } from '../../../shared/kernel/logger.ts'
import { actOfRequest, factsOf, fieldsOfRequest, type RequestFacts } from '../http/index.ts'
import type { CommandContext } from './command-context.ts'
import { logCommit } from './commit-log-line.ts'

/** A change that somebody else left to be settled was not made in the caller's session. */
const isOfCaller = ({ events }: NewCommit, { caller }: RequestFacts): boolean =>
  events.every(
    ({ data }) => !('actor' in data) || (caller?.by === 'person' && data.actor?.id === caller.sub),
  )

/** The context of one request: it knows who acts, and its lines say which request it is. */
export const requestContext = (context: CommandContext, ctx: Context): CommandContext => {
  const facts = factsOf(ctx)
  return {
    ...context,
    logger: withFields(context.logger, { request: facts.id }),
    act: () => actOfRequest(facts),
    onAppended: (commit) => {
      const told = isOfCaller(commit, facts) ? facts : { ...facts, caller: null }
      logCommit(context.logger, commit, fieldsOfRequest(told))
    },
  }
}
