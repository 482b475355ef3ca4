import fc from 'fast-check'
import { isStrictJsonValue, parseStrictJson } from '../../../shared/kernel/strict-json.ts'
import { assert, claims } from '../../support/suite.ts'

const seed = 20_261_130
const depthMax = 3

/** JSON as it may be written: an object is a list of members, whose names may come twice. */
type Written =
  | Readonly<{ text: string }>
  | Readonly<{ list: readonly Written[] }>
  | Readonly<{ members: readonly (readonly [name: string, value: Written])[] }>

const names = fc.oneof(
  fc.constantFrom('a', 'b', '\\', '"', ':', '": "', '{', 'a\\"', '__proto__', 'constructor'),
  fc.string({ maxLength: 4 }),
)
const { written } = fc.letrec<{ written: Written }>((tie) => ({
  written: fc.oneof(
    { maxDepth: 4 },
    fc.record({
      text: fc
        .oneof(fc.string(), fc.integer(), fc.constant(null))
        .map((one) => JSON.stringify(one)),
    }),
    fc.record({ list: fc.array(tie('written'), { maxLength: 3 }) }),
    fc.record({ members: fc.array(fc.tuple(names, tie('written')), { maxLength: 4 }) }),
  ),
}))

const textOf = (value: Written): string => {
  if ('text' in value) return value.text
  if ('list' in value) return `[${value.list.map(textOf).join(' ,')}]`
  const members = value.members.map(([name, one]) => `${JSON.stringify(name)} :${textOf(one)}`)
  return `{${members.join(', ')}}`
}

const isStrict = (value: Written, depthLeft: number): boolean => {
  if ('text' in value) return true
  if (depthLeft === 0) return false
  if ('list' in value) return value.list.every((one) => isStrict(one, depthLeft - 1))
  const given = value.members.map(([name]) => name)
  const isPoisonous = given.some((name) => name === '__proto__' || name === 'constructor')
  const isTwice = new Set(given).size < given.length
  return !isPoisonous && !isTwice && value.members.every(([, one]) => isStrict(one, depthLeft - 1))
}

claims('strict JSON', {
  'what JSON.parse reads is taken, but for names that come twice or are a prototype’s, and depth':
    () => {
      let taken = 0
      const property = fc.property(written, (value) => {
        const text = textOf(value)
        const parsed = parseStrictJson(text, { depthMax })
        assert.is(parsed.ok, isStrict(value, depthMax), text)
        if (!parsed.ok) return
        taken += 1
        assert.equal(parsed.value, JSON.parse(text))
        assert.is(isStrictJsonValue(parsed.value, { depthMax }), true)
      })
      fc.assert(property, { seed, numRuns: 2_000 })
      assert.ok(taken > 300, `${taken} prove little`)
    },

  'a refusal says what is wrong': () => {
    const problemOf = (text: string): string => {
      const parsed = parseStrictJson(text, { depthMax })
      return parsed.ok ? 'none' : parsed.problem
    }
    assert.equal(
      ['{', '[[[[]]]]', '{"a":{},"\\u0061":1}', '[{"__proto__":1}]', '{"a":"\\\\\\"b\\":"}'].map(
        problemOf,
      ),
      ['syntax', 'depth', 'duplicate', 'name', 'none'],
    )
  },
})
