import { z } from 'zod'
import { component, json } from '../../../../shared/http/route-doc.ts'
import { answering, type GatewayRoute, get, toAdministrators } from '../../http/index.ts'
import { type OverviewRouteDeps, overviewRoute } from './overview.ts'

export type OperatorRouteDeps = OverviewRouteDeps

const tag = 'Operators'
const security = [['accessCookie'], ['bearer'], ['serviceClient']] as const

const time = z.iso.datetime()
const count = z.int()
const ms = z.number().nullable()
const quantiles = z.object({ count, p50_ms: ms, p99_ms: ms, max_ms: ms })
const lag = z.object({ through: time.nullable(), behind_ms: ms })

const rates = z.object({
  ...{ from: time, to: time },
  seconds: z.array(
    z.object({ at: time, logins: count, failures: count, rotations: count, revocations: count }),
  ),
})
const guard = z.object({
  ...{ name: z.string(), client: z.string(), instance: z.string(), feed: z.string() },
  ...{ ready: z.boolean(), staleness_ms: ms, silent_ms: z.int(), revocations: count },
  refusals: quantiles.nullable(),
  trail: z.string().nullable(),
})
const trail = z.object({
  state: z.enum(['signed', 'unsigned', 'unreachable']),
  head: z.object({ origin: z.string(), size: count, root: z.string() }).nullable(),
  guards: z.object({ consistent: count, disputing: count }),
  cosigned: z.array(z.object({ name: z.string(), at: time })),
})

/** `GET /overview` */
export const overviewSchema = component(
  'Overview',
  z.object({
    at: time,
    rates: rates.nullable().meta({
      description:
        'What the whole fleet did, second by second, of the last five minutes; seconds in which ' +
        'nothing happened are absent. `null`: nobody fills the index of events.',
    }),
    refusals: quantiles.meta({
      description:
        'From a revocation to the refusal by it, of all attached guards since each began: upper ' +
        'bounds, null beyond what guards count.',
    }),
    guards: z.array(guard),
    lag: z.object({ auditor: lag, projector: lag }),
    dead_letters: count.nullable().meta({ description: '`null`: the gateway may not look.' }),
    trail: trail.nullable().meta({ description: '`null`: this gateway knows of no trail.' }),
  }),
)

export type OverviewBody = z.infer<typeof overviewSchema>

/** What whoever runs a fleet looks at. */
export const operatorRoutes: readonly GatewayRoute<OperatorRouteDeps>[] = [
  get('/overview', overviewRoute, {
    summary: 'How the fleet is: what happens, how fast guards refuse, and what is late',
    description:
      'For the role of CURFEW_AUDIT_ROLE, administrators, and service clients with the ' +
      'permission `audit`. It names no user, so it is told by no event.',
    tag,
    security,
    answers: answering(
      toAdministrators({ 200: { description: 'As of now.', content: json(overviewSchema) } }),
    ),
  }),
]
