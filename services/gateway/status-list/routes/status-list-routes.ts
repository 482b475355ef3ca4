import { z } from 'zod'
import { json, refusalSchema } from '../../../../shared/http/route-doc.ts'
import {
  answering,
  badParameters,
  type GatewayRoute,
  get,
  knownHeader,
  notFound,
  positionParameter,
} from '../../http/index.ts'
import { type StatusListDeps, statusListRoute, statusListsRoute } from './status-list.ts'

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
