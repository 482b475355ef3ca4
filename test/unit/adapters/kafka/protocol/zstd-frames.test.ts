import zlib from 'node:zlib'
import { plainZstd } from '../../../../../shared/adapters/kafka/protocol/plain-zstd.ts'
import {
  nodeZstd,
  zstdDecoder,
} from '../../../../../shared/adapters/kafka/protocol/zstd-decoder.ts'
import { readZstdFrames } from '../../../../../shared/adapters/kafka/protocol/zstd-frames.ts'
import { seededEntropy } from '../../../../support/fakes/seeded-entropy.ts'
import { assert, claims } from '../../../../support/suite.ts'

/** Goal: whatever Node this is, frames hold what was put into them, and no more than they may. */
const decoders = [nodeZstd, plainZstd].filter((decode) => decode !== null)

// Written with a checksum and without a size, as who compresses a stream writes them: nothing of
// Node 20 writes any.
const written = 'KLUv/QRYTQAAGGFiYwEA5OSGSoFpTA=='
const stored = (bytes: Buffer): Buffer => {
  const head = Buffer.alloc(9)
  head.writeUInt32LE(0xfd2fb528)
  head.writeUInt16LE(0x3800, 4)
  head.writeUIntLE(bytes.length * 8 + 1, 6, 3)
  return Buffer.concat([head, bytes])
}
const mebibyte = 1024 * 1024
const skipped = Buffer.from([0x52, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3])

type Compress = (bytes: Buffer) => Buffer
const compress: Compress =
  'zstdCompressSync' in zlib ? (zlib.zstdCompressSync as unknown as Compress) : stored

claims('Zstandard frames', {
  'this Node reads them': () => assert.ok(zstdDecoder !== null && decoders.length > 0),

  'a frame of another writer is read': () => {
    const text = 'abc'.repeat(30)
    for (const decode of decoders) {
      const found = readZstdFrames(Buffer.from(written, 'base64'), 1_000, decode)
      assert.is(found.toString('utf8', 0, text.length), text)
    }
  },

  'drawn frames, some to be skipped, hold all that was put into each': () => {
    const entropy = seededEntropy(29)
    const draw = (below: number): number => entropy.bytes(4).readUInt32BE() % below
    const drawn = (round: number): Readonly<{ content: Buffer; frame: Buffer }> => {
      if (draw(4) === 0) return { content: Buffer.alloc(0), frame: skipped }
      const word = entropy.bytes(1 + draw(40)).toString('hex')
      const times = 1 + draw(round % 9 === 0 ? 9_000 : 30)
      const content = Buffer.from(word.repeat(times)).subarray(0, 100_000)
      return { content, frame: draw(2) === 0 ? compress(content) : stored(content) }
    }
    for (let round = 0; round < 60; round += 1) {
      const parts = Array.from({ length: 1 + draw(4) }, () => drawn(round))
      const content = Buffer.concat(parts.map((part) => part.content))
      const frames = Buffer.concat(parts.map(({ frame }) => frame))
      for (const decode of decoders) {
        const found = readZstdFrames(frames, mebibyte, decode)
        // What a single frame is written into may have more behind it.
        assert.ok(found.subarray(0, content.length).equals(content), `round ${round}`)
        if (content.length < 300_000) continue
        assert.throws(() => readZstdFrames(frames, content.length - 2 * 128 * 1024, decode))
      }
    }
  },

  'what is cut off, or no frame, is refused': () => {
    const frame = Buffer.from(written, 'base64')
    for (const decode of decoders) {
      for (let length = 1; length < frame.length; length += 1) {
        assert.throws(() => readZstdFrames(frame.subarray(0, length), mebibyte, decode))
        const behind = Buffer.concat([stored(frame), frame.subarray(0, length)])
        assert.throws(() => readZstdFrames(behind, mebibyte, decode))
      }
    }
  },
})
