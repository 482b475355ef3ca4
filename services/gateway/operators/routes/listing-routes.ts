import { z } from 'zod'
import { component, json } from '../../../../shared/http/route-doc.ts'
import type { ShownSetting } from '../../../../shared/kernel/shown-settings.ts'
import type { EventLog } from '../../../../shared/ports/event-log.ts'
import type { Receivers } from '../../../../shared/ports/receivers.ts'
import { type AuditorDeps, requireAuditor } from '../../audit/index.ts'
import {
  answering,
  byAnybody,
  forAuditors,
  type GatewayRoute,
  get,
  type Handler,
  toAdministrators,
} from '../../http/index.ts'
import { type KnownClient, receiverBody, receiverStandings } from '../index.ts'

export type ListingRouteDeps = AuditorDeps &
  Readonly<{
    operators: Readonly<{
      clients: readonly KnownClient[]
      settings: readonly ShownSetting[]
      receivers: Receivers
      log: Pick<EventLog, 'partitions' | 'bounds'>
    }>
  }>
type Route = Handler<ListingRouteDeps>

/** `GET /clients` */
const clientsRoute: Route = (deps) => async (ctx) => {
  await requireAuditor(deps, ctx)
  ctx.body = { clients: deps.operators.clients }
}

/** `GET /settings`: of the gateway that answers. */
const settingsRoute: Route = (deps) => async (ctx) => {
  await requireAuditor(deps, ctx)
  ctx.body = { settings: deps.operators.settings }
}

/** `GET /receivers` */
const receiversRoute: Route = (deps) => async (ctx) => {
  await requireAuditor(deps, ctx)
  ctx.body = { receivers: (await receiverStandings(deps)).map(receiverBody) }
}

const client = component(
  'KnownClient',
  z.object({
    id: z.string(),
    logins: z.boolean().meta({ description: 'Whether people log in through it.' }),
    permissions: z.array(z.string()),
  }),
)
const setting = component(
  'ShownSetting',
  z.object({
    name: z.string(),
    source: z.enum(['default', 'file', 'environment']),
    value: z.string().nullable().meta({ description: '`null`: not set, or not shown.' }),
    hidden: z.boolean().meta({ description: 'Whether there is a value that is not shown.' }),
    ...{ takes: z.string(), doc: z.string() },
  }),
)
const text = z.string().nullable()
const time = z.iso.datetime().nullable()
const receiver = component(
  'ReceiverStanding',
  z.object({
    ...{ id: z.string(), kind: z.enum(['ssf-push', 'ssf-poll', 'backchannel']) },
    ...{ client: z.string(), url: text, audience: z.string() },
    ...{ events: z.array(z.string()).nullable(), description: text },
    ...{ state: z.enum(['enabled', 'paused', 'disabled']), reason: text },
    behind: z
      .int()
      .nullable()
      .meta({ description: 'Records of the log that it has not passed yet.' }),
    refused: z.int().meta({ description: 'What it refused for good.' }),
    waiting: z.int().meta({ description: 'What is to be told beside the log.' }),
    delivered_at: time.meta({
      description: 'When it took or acknowledged something last; `null`: not known.',
    }),
    verified_at: time,
    served_until: time.meta({ description: 'A gateway serves it until then, and goes on.' }),
  }),
)
export type KnownClientBody = z.infer<typeof client>
export type SettingBody = z.infer<typeof setting>
export type ReceiverBody = z.infer<typeof receiver>

type Listing = Readonly<{
  path: string
  route: Handler<ListingRouteDeps>
  summary: string
  shown: z.ZodType
}>
const listings: readonly Listing[] = [
  {
    ...{ path: '/clients', route: clientsRoute, shown: z.object({ clients: z.array(client) }) },
    summary: 'Clients that the settings name, and what each may do; never a secret',
  },
  {
    ...{ path: '/settings', route: settingsRoute, shown: z.object({ settings: z.array(setting) }) },
    summary: 'The settings of this gateway, and where each comes from; never a secret',
  },
  {
    ...{ path: '/receivers', route: receiversRoute },
    shown: z.object({ receivers: z.array(receiver) }),
    summary: 'Everybody’s receivers of security events, and how far each came',
  },
]

/** What a gateway knows and nobody changes over HTTP. */
export const listingRoutes: readonly GatewayRoute<ListingRouteDeps>[] = listings.map(
  ({ path, route, summary, shown }) =>
    get(path, route, {
      summary,
      description: forAuditors,
      tag: 'Operators',
      security: byAnybody,
      answers: answering(
        toAdministrators({ 200: { description: 'All of them.', content: json(shown) } }),
      ),
    }),
)
