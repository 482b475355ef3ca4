import { z } from 'zod'
import {
  encodeImageChunk,
  type FeedEventType,
  feedVersion,
  readerRing,
  resetReasons,
} from '../../shared/guard/feed-protocol/index.ts'
import type { LogId } from '../../shared/kernel/ids.ts'
import { closedTimeSchema, revocationSchema } from './event-schemas.ts'

type Json = Readonly<Record<string, unknown>>

const count = z.int().min(0)
const seq = count.describe('Numbers the events of a connection from 0, without a gap.')
const offsets = z.array(count).min(1)
const { key, cutoff, expiresAt, reason, revokedAt } = revocationSchema.shape
const item = z.tuple([
  key,
  cutoff,
  expiresAt,
  reason,
  revokedAt,
  z.string().describe('`ce_id` of the record.'),
  count.describe('Its offset in the log.'),
])

type Told = Readonly<{
  summary: string
  schema: z.ZodType
  example: Json
  /** Whether readers get a position that they may come back to. */
  id: 'position' | 'emptied' | 'none'
}>

const logId = '10910910910910910910910910910910'

/** As a server sends it to a reader whose secret is `a secret of a guard`. */
const exampleChunk = encodeImageChunk(readerRing('a secret of a guard'), {
  header: {
    logId: logId as LogId,
    image: '13a6e13a6e13a6e13a6e13a6e13a6e13',
    offset: 42,
    index: 0,
    total: 1,
    entries: 1,
    of: 'sid',
  },
  body: Buffer.from('5e551011ab5e551011ab5e551011ab015fa0c00100942569', 'hex'),
}).toString('base64')

/**
 * What `GET /feed` tells, version 1. Guards decode it by hand and carry no schema library, so tests
 * hold these against the decoders and against what a feed server really sends.
 */
export const feedMessages: Readonly<Record<FeedEventType, Told>> = {
  hello: {
    summary: 'First; another `v` is another protocol.',
    schema: z.object({ seq, v: z.literal(feedVersion), heartbeatMs: z.int().min(1) }),
    example: { seq: 0, v: feedVersion, heartbeatMs: 1_000 },
    id: 'none',
  },
  resume: {
    summary: 'Second, when `Last-Event-ID` is known here: what follows comes after it.',
    schema: z.object({ seq }),
    example: { seq: 1 },
    id: 'none',
  },
  reset: {
    summary: 'Second, otherwise: forget everything; all that is in force follows, in no order.',
    schema: z.object({ seq, reason: z.enum(resetReasons) }),
    example: { seq: 1, reason: 'start' },
    id: 'emptied',
  },
  revocations: {
    summary: 'What is dead from now on: `key, cutoff, expiresAt, reason, revokedAt, id, offset`.',
    schema: z.object({ seq, items: z.array(item).min(1) }),
    example: {
      seq: 2,
      items: [
        [
          'sid:5e551011ab5e551011ab5e551011ab01',
          null,
          1_764_071_000_000,
          'logout',
          1_764_070_400_000,
          's/5e551011ab5e551011ab5e551011ab01:3:0',
          41,
        ],
      ],
    },
    id: 'position',
  },
  image: {
    summary:
      'In place of the revocations after a `reset`, for a reader that asked for it: a part of an ' +
      'image of all that is in force.',
    schema: z.object({ seq, chunk: z.string().min(1).describe('A signed chunk, in base64.') }),
    example: { seq: 2, chunk: exampleChunk },
    id: 'none',
  },
  closed: {
    summary: 'Every revocation acknowledged strictly before `t` has been told.',
    schema: closedTimeSchema.omit({ low: true }).extend({ seq, offset: count }),
    example: { seq: 3, t: 1_764_070_400_250, logId, offset: 42 },
    id: 'position',
  },
  forged: {
    summary: 'Records with a bad MAC: somebody else writes to the log.',
    schema: z.object({ seq, offsets }),
    example: { seq: 4, offsets: [43] },
    id: 'position',
  },
  unreadable: {
    summary: 'Signed records that the server cannot read; closed times after it prove nothing.',
    schema: z.object({ seq, offsets }),
    example: { seq: 5, offsets: [44] },
    id: 'position',
  },
  caught_up: {
    summary: 'The end of what `reset` began.',
    schema: z.object({ seq }),
    example: { seq: 6 },
    id: 'position',
  },
  beat: {
    summary: 'Nothing happened for `heartbeatMs`; it says nothing about freshness.',
    schema: z.object({ seq }),
    example: { seq: 7 },
    id: 'none',
  },
}

const idOf: Readonly<Record<Told['id'], Json>> = {
  position: {
    id: {
      type: 'string',
      pattern: '^[0-9a-f]{32}:[0-9]{1,15}$',
      description: '`logId:offset`; absent within a snapshot. Sent back as `Last-Event-ID`.',
    },
  },
  emptied: { id: { type: 'string', const: '', description: 'Empty: come back without one.' } },
  none: {},
}

/** The name of a message among those of the log. */
export const feedMessageName = (type: string): string => `feed.${type}`

const messageOf = (type: string, { summary, schema, example, id }: Told): Json => {
  const { $schema: _, ...payload } = z.toJSONSchema(schema, {
    // What AsyncAPI means without a `schemaFormat`.
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'throw',
  })
  const exampleId = { position: { id: `${logId}:42` }, emptied: { id: '' }, none: {} }[id]
  return {
    name: type,
    title: type,
    summary,
    contentType: 'application/json',
    headers: {
      type: 'object',
      description: 'The other fields of the event (WHATWG HTML, 9.2).',
      required: ['event'],
      properties: { event: { type: 'string', const: type }, ...idOf[id] },
    },
    payload,
    examples: [{ headers: { event: type, ...exampleId }, payload: example }],
  }
}

/** The messages of the feed, by the names that components have. */
export const feedMessageDocs = (): Json =>
  Object.fromEntries(
    Object.entries(feedMessages).map(([type, told]) => [
      feedMessageName(type),
      messageOf(type, told),
    ]),
  )
