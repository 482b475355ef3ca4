import { z } from 'zod'
import { component, json, type ParameterDoc } from '../../../../shared/http/route-doc.ts'
import {
  answering,
  badParameters,
  byAnybody,
  forAuditors,
  type GatewayRoute,
  get,
  inQuery,
  notFound,
  toAdministrators,
} from '../../http/index.ts'
import type { Question } from '../../questions/index.ts'
import { event } from './audit-routes.ts'
import { type QuestionRouteDeps, questionRoute } from './question-handlers.ts'

const time = z.iso.datetime()
const place = { address: z.string().nullable(), agent: z.string().nullable() }
const reason = z.string()

const held = z.object({
  ...{ user: z.string(), session: z.string(), client: z.string(), ...place },
  ...{ began: time, last_used: time },
  tokens: z.array(
    z.object({ jti: z.string(), kind: z.string(), issued_at: time, expires_at: time }),
  ),
  certain: z.boolean().meta({
    description: '`false`: a cutoff was set as the session began; which came first is not known.',
  }),
})
const token = z.object({
  ...{ jti: z.string(), kind: z.string(), cause: z.string(), replaces: z.string().nullable() },
  ...{ issued_at: time, expires_at: time, ...place },
  ended: z
    .object({ at: time, reason, by: z.string().nullable(), event: z.string() })
    .nullable()
    .meta({ description: 'What ended it before it expired.' }),
  event: z.string(),
})
const guard = { client: z.string(), instance: z.string(), name: z.string() }
const refusal = z.object({
  ...{ revocation: z.string(), time, key: z.string(), reason, by: z.string().nullable() },
  guards: z.int().meta({ description: 'How many guards measured in those minutes.' }),
  slowest: z
    .object({ ...guard, max_ms: z.number().nullable() })
    .nullable()
    .meta({ description: 'At most so long; `max_ms` is null beyond what guards count.' }),
  stale: z.array(z.object({ ...guard, from: time, to: time.nullable() })),
})
const usedAfter = z.object({
  ...{ revocation: z.string(), revoked_at: time, key: z.string(), reason, use: event },
})
const newAddress = z.object({
  ...{ time, user: z.string(), session: z.string(), client: z.string(), ...place },
  first_login: z.boolean().meta({ description: 'The first login of this user of all.' }),
  event: z.string(),
})

const complete = component(
  'AuditCoverage',
  z.object({ from: time.nullable(), to: time.nullable() }).meta({
    description:
      'The answer has all that the log has of this time: from its oldest event on, up to when ' +
      'the index was last seen to have all of it.',
  }),
)

/** The rows of each answer. */
export type AnswerRows = Readonly<{
  held: z.infer<typeof held>
  tokens: z.infer<typeof token>
  acts: z.infer<typeof event>
  refusals: z.infer<typeof refusal>
  'used-after': z.infer<typeof usedAfter>
  'new-addresses': z.infer<typeof newAddress>
}>

const answerOf = (id: string, row: z.ZodType, more: z.ZodRawShape = {}) =>
  component(id, z.object({ rows: z.array(row), next: z.string().nullable(), complete, ...more }))

const ofUser = inQuery('user', 'Of this user alone, by id or name.')
const paging = (order: 'newest' | 'oldest'): readonly ParameterDoc[] => [
  inQuery('limit', 'Rows a page; 100 without it.', z.int().min(1).max(1_000)),
  inQuery('after', '`next` of the page before. A page may be empty and have a `next`.'),
  inQuery('since', 'From this instant on, or from the beginning of this day (UTC).'),
  inQuery('until', 'Before this instant, or this day.'),
  inQuery('order', `By time; \`${order}\` first without it.`, z.enum(['newest', 'oldest'])),
]

type Row = Readonly<{
  ask: Question['ask']
  summary: string
  answer: z.ZodType
  parameters: readonly ParameterDoc[]
}>

const rows: readonly Row[] = [
  {
    ask: 'held',
    summary: 'Who held a live session or token at an instant',
    answer: answerOf('HeldAnswer', held),
    parameters: [
      inQuery('at', 'The instant; now without it.'),
      ofUser,
      ...paging('newest').slice(0, 2),
    ],
  },
  {
    ask: 'tokens',
    summary: 'Every token of a session, and what ended it',
    answer: answerOf('TokensAnswer', token),
    parameters: [
      { ...inQuery('session', 'The id of the session.'), required: true },
      ...paging('oldest'),
    ],
  },
  {
    ask: 'acts',
    summary: 'What an administrator, a service client or a command line did and read',
    answer: answerOf('ActsAnswer', event),
    parameters: [
      { ...inQuery('actor', 'Who: a user by id or name, or the id of another.'), required: true },
      ...paging('newest'),
    ],
  },
  {
    ask: 'refusals',
    summary: 'How long after each revocation the slowest guard refused; which guards were stale',
    answer: answerOf('RefusalsAnswer', refusal),
    parameters: [ofUser, ...paging('newest')],
  },
  {
    ask: 'used-after',
    summary: 'Which tokens were used after their revocation: there must be none',
    answer: answerOf('UsedAfterAnswer', usedAfter, {
      checked: z.int().meta({ description: 'How many revocations this page looked at.' }),
    }),
    parameters: [ofUser, ...paging('newest')],
  },
  {
    ask: 'new-addresses',
    summary: 'Logins from an address that was new for the user',
    answer: answerOf('NewAddressesAnswer', newAddress),
    parameters: [ofUser, ...paging('newest')],
  },
]

/** What auditors ask: docs/audit.md. */
export const questionRoutes: readonly GatewayRoute<QuestionRouteDeps>[] = rows.map(
  ({ ask, summary, answer, parameters }) =>
    get(`/audit/questions/${ask}`, questionRoute(ask), {
      summary,
      description: `${forAuditors} Each answer becomes an event, \`AuditRead\`.`,
      tag: 'Audit',
      security: byAnybody,
      parameters,
      answers: answering(
        toAdministrators({
          200: { description: 'One page of the answer.', content: json(answer) },
          400: badParameters,
          404: notFound,
        }),
      ),
    }),
)
