import { AuthError } from '../../../../shared/kernel/errors.ts'
import { parsePosition } from '../../../../shared/kernel/position.ts'
import { statusListTyp } from '../../../../shared/tokens/status-list/index.ts'
import { answerPublic, type Handler } from '../../http/index.ts'
import { type CommandContext, checkMinimumPosition } from '../../publication/index.ts'
import type { StatusLists } from '../index.ts'

const mediaType = `application/${statusListTyp}`
export type StatusListDeps = Readonly<{
  context: Pick<CommandContext, 'storeClock'>
  statusLists: StatusLists
}>

/** In whole seconds, rounded down: a cache must not serve a list for longer than the gateway. */
const secondsLeft = (
  { statusLists }: StatusListDeps,
  until: Parameters<StatusLists['cachedForMs']>[0],
): number => Math.floor(statusLists.cachedForMs(until) / 1_000)

/** `GET /status-lists/<list>` (Token Status List, draft 20, 8.1). Asks the event store. */
export const statusListRoute: Handler<StatusListDeps> = (deps) => async (ctx) => {
  if ('time' in ctx.query) {
    throw new AuthError('HISTORY_UNSUPPORTED', 'Status lists of other times are not kept.')
  }
  if (!ctx.accepts(mediaType)) {
    throw new AuthError('NOT_ACCEPTABLE', `A status list is ${mediaType}.`)
  }
  checkMinimumPosition(ctx, deps.context.storeClock)
  const minimum = parsePosition(ctx.get('Revocation-Position'))
  const served = await deps.statusLists.list(String(ctx['params'].list), minimum)
  if (!served) throw new AuthError('NOT_FOUND', 'There is no such status list, or no more.')
  ctx.vary('Accept')
  ctx.vary('Accept-Encoding')
  ctx.vary('Revocation-Position')
  ctx.set('Revocation-Position', `t:${served.known}`)
  const isZipped = ctx.acceptsEncodings('gzip', 'identity') === 'gzip'
  if (isZipped) ctx.set('Content-Encoding', 'gzip')
  const maxAgeSeconds = secondsLeft(deps, served)
  answerPublic(ctx, isZipped ? served.gzipped : served.token, { type: mediaType, maxAgeSeconds })
}

/** `GET /status-lists` (draft 20, 9.2): the addresses of all lists. */
export const statusListsRoute: Handler<StatusListDeps> = (deps) => async (ctx) => {
  const addresses = await deps.statusLists.addresses()
  const maxAgeSeconds = secondsLeft(deps, addresses)
  const type = 'application/json'
  answerPublic(ctx, JSON.stringify({ status_lists: addresses.uris }), { type, maxAgeSeconds })
}
