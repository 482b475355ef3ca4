import fc from 'fast-check'
import { jsonBytesAtMost } from '../../../shared/kernel/json-bytes-at-most.ts'
import { assert, claims } from '../../support/suite.ts'

const texts = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^[\x00-\x1f"\\]{0,40}$/),
)
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    ...[fc.constant(null), fc.boolean(), fc.double(), fc.maxSafeInteger(), texts],
    fc.constant(undefined),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(texts, tie('value'), { maxKeys: 5 }),
  ),
})).value

claims('the most bytes that JSON takes', {
  'no JSON takes more, whatever it says': () => {
    fc.assert(
      fc.property(values, (value) => {
        const bytes = Buffer.byteLength(JSON.stringify(value) ?? '')
        assert.ok(bytes <= jsonBytesAtMost(value), `${bytes} > ${jsonBytesAtMost(value)}`)
      }),
      { numRuns: 2_000 },
    )
  },

  'plain text is guessed at six times its size at most, and a few': () => {
    const text = 'a'.repeat(1_000)
    assert.ok(jsonBytesAtMost({ text }) < 6 * 1_000 + 50)
  },
})
