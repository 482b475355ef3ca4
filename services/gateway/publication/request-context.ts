import type { Context } from 'koa'
import type { NewCommit } from '../../../shared/events/commit.ts'
import { withFields } from '../../../shared/kernel/logger.ts'
import { actOfRequest, factsOf, fieldsOfRequest, type RequestFacts } from '../http/index.ts'
import type { CommandContext } from './command-context.ts'
import { logCommit } from './commit-log-line.ts'

/**
 * Whether the caller of this request made the change. A request may also complete a pending cutoff
 * that somebody else left behind; its log line must not name the caller's session.
 */
const isOfCaller = ({ events }: NewCommit, { caller }: RequestFacts): boolean =>
  events.every(
    ({ data }) => !('actor' in data) || (caller?.by === 'person' && data.actor?.id === caller.sub),
  )

/** The context of one request: it knows the caller, and its log lines name the request. */
export const requestContext = (context: CommandContext, ctx: Context): CommandContext => {
  const facts = factsOf(ctx)
  return {
    ...context,
    logger: withFields(context.logger, { request: facts.id }),
    act: () => actOfRequest(facts),
    request: facts.id,
    onAppended: (commit) => {
      logCommit(context.logger, commit, () =>
        fieldsOfRequest(isOfCaller(commit, facts) ? facts : { ...facts, caller: null }),
      )
    },
  }
}
