import { z } from 'zod'
import { component, json } from '../../../../shared/http/route-doc.ts'
import {
  answering,
  badParameters,
  type GatewayRoute,
  get,
  inQuery,
  toAdministrators,
} from '../../http/index.ts'
import { type DeadLetterRouteDeps, deadLetterRoute, deadLettersRoute } from './dead-letters.ts'

const text = z.string().nullable()
const shape = z.object({
  offset: z.int(),
  lay_at: z.string().meta({ description: 'Topic, partition and offset, with slashes.' }),
  problem: text.meta({ description: 'Why it could not be used.' }),
  bytes: z.int().nullable().meta({ description: 'How long it was.' }),
  ...{ type: text, time: text, headers: z.record(z.string(), z.string()) },
  value: z.string().meta({ description: 'In base64: in a list its first 768 bytes.' }),
})
const letter = component('DeadLetter', shape)
export type DeadLetterBody = z.infer<typeof shape>
const listed = z.object({ letters: z.array(letter), next: text })
export type DeadLettersBody = z.infer<typeof listed>

const tag = 'Operators'
const security = [['accessCookie'], ['bearer'], ['serviceClient']] as const
const description =
  'For the role of CURFEW_AUDIT_ROLE, administrators, and service clients with the permission ' +
  '`audit`. Each answer becomes an event, `AuditRead`.'

/** Records that nobody could use. */
export const deadLetterRoutes: readonly GatewayRoute<DeadLetterRouteDeps>[] = [
  get('/dead-letters', deadLettersRoute, {
    summary: 'Records that were parked since nobody could use them, the newest first',
    ...{ description, tag, security },
    parameters: [
      inQuery('limit', 'Records a page; 100 without it.', z.int().min(1).max(1_000)),
      inQuery('after', '`next` of the page before.'),
    ],
    answers: answering(
      toAdministrators({
        200: {
          description: 'One page.',
          content: json(listed),
        },
        400: badParameters,
      }),
    ),
  }),
  get('/dead-letters/:offset', deadLetterRoute, {
    summary: 'One parked record, as much of it as is kept',
    ...{ description, tag, security },
    parameters: [{ in: 'path', name: 'offset', description: 'Which one.', schema: z.string() }],
    answers: answering(
      toAdministrators({ 200: { description: 'The record.', content: json(letter) } }),
    ),
  }),
]
