import { z } from 'zod'
import { json, refusalSchema } from '../../../../shared/http/route-doc.ts'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import { parsePosition } from '../../../../shared/kernel/revocation-position.ts'
import { statusListTyp } from '../../../../shared/tokens/status-list/index.ts'
import {
  answering,
  answerPublic,
  badParameters,
  type GatewayRoute,
  get,
  type Handler,
  knownHeader,
  notFound,
  positionParameter,
} from '../../http/index.ts'
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

const tag = 'Status lists'
const cached = {
  'Cache-Control': 'How long a copy is good; never as long as `ttl` and `exp` in the list.',
  ETag: 'For `If-None-Match`.',
}
const unchanged = { description: 'The copy that `If-None-Match` names is the current one.' }

/** Token Status List, draft 20. */
export const statusListRoutes: readonly GatewayRoute<StatusListDeps>[] = [
  get('/status-lists', statusListsRoute, {
    summary: 'The addresses of all status lists whose tokens may be alive',
    tag,
    security: [],
    answers: answering({
      200: {
        description: 'Empty where no token is in a list.',
        content: json(z.object({ status_lists: z.array(z.string()) })),
        headers: cached,
      },
      304: unchanged,
    }),
  }),
  get('/status-lists/:list', statusListRoute, {
    summary: 'A status list: a bit for each token that names it, 1 where the token is refused',
    description:
      'A JWT (`typ` is `statuslist+jwt`) under the keys of access tokens. Asks the event store, ' +
      'and is handed out for a few seconds; gzip where it is accepted.',
    tag,
    security: [],
    parameters: [
      {
        in: 'path',
        name: 'list',
        description: 'The last part of `status.status_list.uri` of a token.',
        schema: z.string(),
      },
      positionParameter,
      {
        in: 'query',
        name: 'time',
        description: 'A list of another time, which is not kept: 501.',
        schema: z.string(),
      },
    ],
    answers: answering({
      200: {
        description: 'The list.',
        content: { type: 'application/statuslist+jwt', schema: z.string() },
        headers: { ...cached, ...knownHeader },
      },
      304: unchanged,
      400: badParameters,
      404: { ...notFound, description: 'There is no such list, or its tokens are all expired.' },
      406: { description: 'Another media type is wanted.', content: json(refusalSchema) },
      501: { description: '`time` is not supported.', content: json(refusalSchema) },
    }),
  }),
]
