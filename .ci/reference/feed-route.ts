import { z } from 'zod'
import { type AnswerDoc, json, type Route, refusalSchema } from '../../shared/http/route-doc.ts'

const refusal = (description: string): AnswerDoc => ({ description, content: json(refusalSchema) })

/** What services/projector/feed answers; docs/feed.md has the events. */
export const feedRouteDocs: readonly Omit<Route<never>, 'handler'>[] = [
  {
    method: 'get',
    path: '/feed',
    doc: {
      summary: 'Revocations and closed times as server-sent events',
      description: 'Served by projectors, and by `curfew start` on the gateway’s port.',
      tag: 'Feed',
      security: [['serviceClient']],
      parameters: [
        {
          in: 'header',
          name: 'Last-Event-ID',
          description:
            '`logId:offset` of the last event; without it, or too old: a snapshot first.',
          schema: z.string(),
        },
      ],
      answers: {
        200: {
          description: 'Until either side leaves.',
          content: { type: 'text/event-stream', schema: z.string() },
        },
        401: {
          ...refusal('No client, or a wrong secret.'),
          headers: { 'WWW-Authenticate': 'Basic' },
        },
        403: refusal('This client may not read the feed.'),
        503: {
          ...refusal('The log is still being read, or there are too many readers.'),
          headers: { 'Retry-After': 'Seconds after which to come again.' },
        },
      },
    },
  },
]
