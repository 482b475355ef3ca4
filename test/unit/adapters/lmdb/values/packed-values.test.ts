import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { sampleCommits } from '../../../../../.ci/reference/commits.ts'
import { sampleRecords } from '../../../../../.ci/reference/records.ts'
import {
  decodeValue,
  encodeValue,
} from '../../../../../shared/adapters/lmdb/values/packed-values.ts'
import { shapes, words } from '../../../../../shared/adapters/lmdb/values/vocabulary.ts'
import { eventExamples } from '../../../../../shared/events/examples.ts'
import { isAuthError } from '../../../../../shared/kernel/errors.ts'
import { anyText } from '../../../../support/fakes/any-text.ts'
import { projectRoot } from '../../../../support/project-files.ts'
import { assert, claims } from '../../../../support/suite.ts'

const golden = <T>(name: string): T =>
  JSON.parse(readFileSync(join(projectRoot, 'test/golden/lmdb', `${name}.json`), 'utf8')) as T
type GoldenValue = Readonly<{ name: string; value: unknown; bytes: string }>
const goldenValues = golden<readonly GoldenValue[]>('values1')

/** What is stored of an event, a commit and a record. */
const samples: readonly unknown[] = [
  ...eventExamples.map(({ stored }) => stored),
  ...sampleCommits().values(),
  ...[...sampleRecords().values()].map((record) => ({ ...record, at: 1_800_000_000_000 })),
]

const read = (bytes: Buffer): unknown => decodeValue(bytes, 'tested')

/** As text, so that the order of members counts, as it does for a MAC. */
const comesBack = (value: unknown): void => {
  assert.is(JSON.stringify(read(encodeValue(value))), JSON.stringify(value))
}

const hex = fc.stringMatching(/^[0-9a-f]{14,36}$/)
const text = fc.oneof(
  ...[anyText(), hex, fc.constantFrom(...words)],
  hex.map((digits) => `s/${digits}:7:2`),
  fc.stringMatching(/^[A-Za-z0-9_-]{43}(\.[A-Za-z0-9_-]{43})?$/),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.jsonValue().map((value) => JSON.stringify({ value }, null, 1)),
)
const number = fc.oneof(
  ...[fc.integer(), fc.maxSafeInteger(), fc.double({ noDefaultInfinity: true, noNaN: true })],
  ...[1e9, 4e9, 1e12, 4e12, 32, 127, 2 ** 32].map((edge) =>
    fc.integer({ min: -2, max: 2 }).map((aside) => edge + aside),
  ),
)
const key = fc.oneof(fc.constantFrom(...words, '__proto__', 'constructor', '0', ''), text)
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    // `nested` goes as deep as it gets; drawn values of more levels are larger, and nothing else.
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(text, number, fc.boolean(), fc.constant(null)),
    fc.array(tie('any'), { maxLength: 20 }),
    fc.array(fc.tuple(key, tie('any')), { maxLength: 20 }).map((all) => Object.fromEntries(all)),
    // A shape, as a newer version may write it: with a member more, or one less.
    fc
      .tuple(fc.constantFrom(...shapes), fc.array(tie('any'), { minLength: 12, maxLength: 12 }))
      .map(([keys, all]) =>
        Object.fromEntries(
          all.slice(0, keys.length + 1).map((one, index) => [keys[index] ?? 'newer', one]),
        ),
      ),
  ),
})).any

const nested = (levels: number): unknown => {
  let inner: unknown = 1
  for (let level = 0; level < levels; level += 1) inner = level % 2 ? [inner] : { inner }
  return inner
}

/** The value, or that the bytes were called damaged; nothing else may come of them. */
const judged = (bytes: Buffer): Readonly<{ value: unknown }> | 'damaged' => {
  try {
    return { value: read(bytes) }
  } catch (error) {
    assert.ok(isAuthError(error, 'DATA_INVALID'), String(error))
    assert.match((error as Error).message, 'tested')
    return 'damaged'
  }
}

const withSum = (body: Uint8Array): Buffer => {
  const bytes = Buffer.concat([body, Buffer.alloc(4)])
  bytes.writeUInt32LE(crc32(body), body.length)
  return bytes
}

claims('packed values', {
  'come back as they were: every event, commit and record there is': () => {
    for (const sample of samples) comesBack(sample)
  },

  'come back as they were, whatever JSON they are': () => {
    fc.assert(fc.property(value, comesBack), { numRuns: 1_000 })
    for (const levels of [30, 31, 32, 33, 34, 1_000]) comesBack(nested(levels))
    comesBack('x'.repeat(100_000))
    comesBack(Array.from({ length: 5_000 }, (_, index) => `text ${index}`))
  },

  'leave out what JSON leaves out': () => {
    assert.equal(read(encodeValue({ kept: 1, gone: undefined })), { kept: 1 })
    assert.equal(read(encodeValue({ sub: 1, client: undefined, all: 2 })), { sub: 1, all: 2 })
  },

  'read what formats 1 and 2 wrote: JSON text': () => {
    for (const sample of samples) {
      assert.equal(read(Buffer.from(JSON.stringify(sample))), JSON.parse(JSON.stringify(sample)))
    }
  },

  'read what this format wrote, and name the same words and shapes': () => {
    for (const { name, value, bytes } of goldenValues) {
      assert.is(JSON.stringify(read(Buffer.from(bytes, 'base64'))), JSON.stringify(value), name)
    }
    const before = golden<Readonly<{ words: string[]; shapes: string[][] }>>('vocabulary1')
    assert.equal(words.slice(0, before.words.length), before.words)
    assert.equal(shapes.slice(0, before.shapes.length), before.shapes)
    assert.is(new Set(words).size, words.length)
    assert.is(new Set(shapes.map(String)).size, shapes.length)
  },

  'are a fifth of their JSON': () => {
    const json = (name: string): string =>
      JSON.stringify(goldenValues.find((one) => one.name === name)?.value)
    for (const name of ['commit login.format1', 'commit rotation-v2.format1']) {
      const text = json(name)
      assert.ok(encodeValue(JSON.parse(text)).length < text.length / 5, name)
    }
  },

  'with a changed byte are called damaged, and never read as another value': () => {
    const given = fc.tuple(fc.constantFrom(...samples), fc.nat(), fc.integer({ min: 1, max: 255 }))
    fc.assert(
      fc.property(given, ([sample, at, change]) => {
        const bytes = encodeValue(sample)
        bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ change
        assert.is(judged(bytes), 'damaged')
      }),
      { numRuns: 1_000 },
    )
  },

  'cut off, or of any other bytes, are called damaged': () => {
    for (const sample of samples) {
      const bytes = encodeValue(sample)
      for (const length of [0, 1, 4, 5, 6, bytes.length - 1]) {
        assert.is(judged(bytes.subarray(0, length)), 'damaged')
      }
    }
  },

  'of bytes that nobody packed, with the right sum, do no harm': () => {
    const bytes = fc.uint8Array({ maxLength: 64 })
    const before = process.memoryUsage.rss()
    fc.assert(
      fc.property(bytes, (body) => {
        const found = judged(withSum(Buffer.concat([Buffer.of(1), body])))
        if (found !== 'damaged') assert.ok(JSON.stringify(found.value).length < 64 * 1_024)
      }),
      { numRuns: 2_000 },
    )
    assert.ok(process.memoryUsage.rss() - before < 256 * 1_024 * 1_024)
    const deep = Buffer.alloc(60_000, 0x61)
    deep[0] = 1
    assert.is(judged(withSum(deep)), 'damaged')
  },
})
