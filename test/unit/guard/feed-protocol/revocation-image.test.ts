import { createSecretKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import type { MacRing } from '../../../../shared/events/record-mac.ts'
import {
  decodeImageChunk,
  encodeImageChunk,
  type ImageChunk,
  type ImageHeader,
  ImageSequence,
  imageRowBytes,
  readerRing,
  revocationOfRow,
} from '../../../../shared/guard/feed-protocol/revocation-image.ts'
import type { LogId } from '../../../../shared/kernel/ids.ts'
import { aLogId } from '../../../support/fakes/builders.ts'
import { seededEntropy } from '../../../support/fakes/seeded-entropy.ts'
import { projectRoot } from '../../../support/project-files.ts'
import { assert, claims } from '../../../support/suite.ts'

const seed = 20_261_130
const entropy = seededEntropy('images')
const ring = readerRing('a secret of a guard')
const logId = aLogId()

const image = (rows: number, over: Partial<ImageHeader> = {}): readonly ImageChunk[] =>
  Array.from({ length: rows }, (_, index) => ({
    header: {
      logId,
      image: 'a'.repeat(32),
      offset: 9,
      index,
      total: index === rows - 1 ? rows : 0,
      entries: 2 * rows,
      of: 'sid' as const,
      ...over,
    },
    body: entropy.bytes(2 * imageRowBytes),
  }))
const encoded = (chunks: readonly ImageChunk[], under: MacRing = ring): readonly Buffer[] =>
  chunks.map((chunk) => encodeImageChunk(under, chunk))

/** Whether `bytes` are taken for one whole image, and nothing else. */
const isTaken = (bytes: readonly Buffer[], under: MacRing = ring): boolean => {
  const sequence = new ImageSequence()
  for (const one of bytes) {
    const chunk = decodeImageChunk(under, one)
    if (!chunk || !sequence.takes(chunk.header)) return false
  }
  return sequence.isWhole
}

const key = (byte: number) => createSecretKey(Buffer.alloc(32, byte))
const golden = JSON.parse(
  readFileSync(join(projectRoot, 'test/golden/images/sessions.v1.json'), 'utf8'),
) as Readonly<{
  secret: string
  header: ImageHeader
  body: string
  says: readonly Readonly<{ key: string; revokedAt: number }>[]
  chunk: string
}>

claims('an image of the revocations in force', {
  'of version 1 is written and read byte for byte': () => {
    const { secret, header, says } = golden
    const body = Buffer.from(golden.body, 'hex')
    const written = encodeImageChunk(readerRing(secret), { header, body })
    assert.is(written.toString('base64'), golden.chunk)
    const read = decodeImageChunk(readerRing(secret), Buffer.from(golden.chunk, 'base64'))
    assert.equal(read?.body, body)
    for (const [name, value] of Object.entries(header)) {
      assert.equal(read?.header[name as keyof ImageHeader], value, name)
    }
    const rows = new DataView(body.buffer, body.byteOffset, body.byteLength)
    assert.equal(
      says.map((_, index) => revocationOfRow('sid', rows, index * imageRowBytes)),
      says,
    )
  },

  'is taken whole': () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), (rows) => {
        assert.ok(isTaken(encoded(image(rows))))
      }),
      { seed, numRuns: 20 },
    )
  },

  'is refused when any bit of any chunk is another, or a part is cut off or put on': () => {
    const [bytes] = encoded(image(1)) as [Buffer]
    for (let bit = 0; bit < 8 * bytes.length; bit += 1) {
      const other = Buffer.from(bytes)
      other[bit >> 3] = (other[bit >> 3] as number) ^ (1 << (bit & 7))
      assert.is(decodeImageChunk(ring, other), null, `bit ${bit}`)
    }
    for (let length = 0; length < bytes.length; length += 1) {
      assert.is(decodeImageChunk(ring, bytes.subarray(0, length)), null, `${length} bytes`)
    }
    assert.is(decodeImageChunk(ring, Buffer.concat([bytes, Buffer.alloc(1)])), null)
  },

  'is refused when chunks are dropped, swapped, repeated, or of another image': () => {
    const whole = encoded(image(5))
    const others = [
      encoded(image(5, { image: 'b'.repeat(32) })),
      encoded(image(5, { logId: aLogId() as LogId })),
      encoded(image(5, { offset: 10 })),
      encoded(image(5), readerRing('a secret of another guard')),
      encoded(image(6)),
    ]
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            at: fc.nat({ max: 4 }),
            how: fc.constantFrom('drop', 'swap', 'repeat', 'other') as fc.Arbitrary<string>,
            with: fc.nat({ max: 4 }),
            of: fc.nat({ max: 4 }),
          }),
          { minLength: 1, maxLength: 3 },
        ),
        (changes) => {
          const bytes = [...whole]
          for (const { at, how, with: other, of } of changes) {
            if (how === 'drop') bytes.splice(at, 1)
            if (how === 'repeat') bytes.splice(at, 0, whole[other] as Buffer)
            if (how === 'other') bytes[at] = (others[of]?.[other] ?? whole[0]) as Buffer
            if (how === 'swap') {
              const held = bytes[at] as Buffer
              bytes[at] = (bytes[other] ?? held) as Buffer
              bytes[other] = held
            }
          }
          const given = bytes.filter(Boolean)
          const isSame =
            given.length === whole.length &&
            given.every((one, index) => one.equals(whole[index] as Buffer))
          // A part of another image of the same name, log and place is a part of this one.
          const isOfSame = given.every((one) => !others[4]?.includes(one))
          if (isOfSame) assert.is(isTaken(given), isSame)
        },
      ),
      { seed, numRuns: 500 },
    )
  },

  'of another fleet, or of no version that is known, is refused, though the key is right': () => {
    const keys = new Map([['k1', key(1)]])
    const ours: MacRing = { active: 'k1', keys, fleet: 'one' }
    const bytes = encoded(image(1), ours)
    assert.ok(isTaken(bytes, ours))
    assert.not.ok(isTaken(bytes, { ...ours, fleet: 'another' }))
    assert.not.ok(isTaken(bytes, { active: 'k1', keys }))
    const chunk = image(1)[0] as ImageChunk
    const newer = { ...chunk, header: { ...chunk.header, v: 2 } }
    assert.not.ok(isTaken(encoded([newer], ours), ours))
  },

  'names its key, so one that was made before a rotation is read after it': () => {
    const former: MacRing = { active: 'k1', keys: new Map([['k1', key(1)]]) }
    const both: MacRing = {
      active: 'k2',
      keys: new Map([
        ['k2', key(2)],
        ['k1', key(1)],
      ]),
    }
    const later: MacRing = { active: 'k2', keys: new Map([['k2', key(2)]]) }
    assert.ok(isTaken(encoded(image(2), former), both))
    assert.ok(isTaken(encoded(image(2), both), later))
    assert.not.ok(isTaken(encoded(image(2), former), later))
    const misnamed: MacRing = { active: 'k2', keys: new Map([['k2', key(1)]]) }
    assert.not.ok(isTaken(encoded(image(2), misnamed), both))
  },
})
