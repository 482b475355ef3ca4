import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { canonicalJson, canonicalOf } from '../../../services/auditor/leaves/canonical-json.ts'
import { assert, claims } from '../../support/suite.ts'

claims('canonical JSON', {
  'it is what the library of RFC 8785’s author writes': () =>
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        assert.is(canonicalJson(value), canonicalize(value))
      }),
      { numRuns: 3_000 },
    ),

  'of a text it is the same, whatever the names of its members and their order': () => {
    const oddName = fc.constantFrom('__proto__', '', '0', '10', '9', '007', 'toJSON', 'b', 'a', 'ä')
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small', maxDepth: 5 },
        fc.jsonValue({ maxDepth: 1 }),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(oddName, tie('value'), { noNullPrototype: true }),
      ),
    }))
    fc.assert(
      fc.property(value, (drawn) => {
        const text = JSON.stringify(drawn)
        assert.is(canonicalOf(text), canonicalJson(JSON.parse(text)))
        assert.is(canonicalOf(` ${text}`), null)
      }),
      { numRuns: 1_000 },
    )
    assert.is(canonicalOf('{"a":1,"a":1}'), null)
    assert.is(canonicalOf('{"__proto__":{"b":1,"a":2}}'), '{"__proto__":{"a":2,"b":1}}')
  },

  'it is what RFC 8785 shows': () => {
    const value = JSON.parse(
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],' +
        '"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/",' +
        '"literals":[null,true,false]}',
    )
    assert.is(
      canonicalJson(value),
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
  },

  'half a surrogate pair and what is nested too deep have no form': () => {
    assert.is(canonicalJson(['\ud800']), null)
    assert.is(canonicalJson({ '\udc00': 1 }), null)
    let deep: unknown = 1
    for (let at = 0; at < 100_000; at += 1) deep = [deep]
    assert.is(canonicalJson(deep), null)
  },
})
