import { z } from 'zod'
import { readBySchema, type SchemaFault } from '../../../shared/kernel/schema-fault.ts'
import { assert, claims } from '../../support/suite.ts'

const schema = z.object({
  choice: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('a') }),
      z.object({ kind: z.literal('b') }),
      z.object({ kind: z.literal('c') }),
    ])
    .optional(),
  named: z.record(z.string().max(3), z.int()).optional(),
  either: z.union([z.int(), z.string()]).optional(),
  word: z.enum(['x', 'y']).optional(),
  texts: z.array(z.string().min(1).max(2)).max(2).optional(),
  count: z.int().min(1).optional(),
  own: z.string({ error: 'must rhyme' }).optional(),
  form: z.string().regex(/^a$/).optional(),
})

const faultOf = (given: unknown): SchemaFault | null => {
  const reading = readBySchema(schema, given)
  return reading.ok ? null : reading.fault
}
const toldOf = (given: unknown): string => {
  const fault = faultOf(given)
  return fault ? `${fault.path.join('.')} ${fault.problem}` : ''
}

claims('readBySchema', {
  'says where a fault is and what must stand there': () => {
    const told: readonly (readonly [unknown, string])[] = [
      [7, ' must be an object'],
      [{ choice: {} }, 'choice.kind must be a, b or c'],
      [{ choice: { kind: 'a', more: 1 } }, 'choice.more is unknown'],
      [{ choice: 'a' }, 'choice must be an object'],
      [{ named: { long: 1 } }, 'named.long is no name that a member may have here'],
      [{ named: { a: 1.5 } }, 'named.a must be a whole number'],
      [{ either: null }, 'either has no form that it may have'],
      [{ word: 'z' }, 'word must be x or y'],
      [{ texts: ['a', 7] }, 'texts.1 must be text'],
      [{ texts: [''] }, 'texts.0 must have at least 1 character'],
      [{ texts: ['a', 'b', 'c'] }, 'texts must have at most 2 items'],
      [{ count: 0 }, 'count must be at least 1'],
      [{ count: '1' }, 'count must be a number'],
      [{ own: 7 }, 'own must rhyme'],
      [{ form: 'b' }, 'form has no form that it may have'],
    ]
    for (const [given, text] of told) assert.is(toldOf(given), text)
  },

  'hands over what fits': () => {
    assert.equal(readBySchema(schema, { count: 2 }), { ok: true, value: { count: 2 } })
  },

  'misses what is absent by its name': () => {
    const reading = readBySchema(z.object({ a: z.enum(['b']), c: z.string() }), { a: 'b' })
    const fault = { path: ['c'], problem: 'is required' }
    assert.equal(reading, { ok: false, fault })
  },
})
