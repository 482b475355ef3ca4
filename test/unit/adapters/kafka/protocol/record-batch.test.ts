import { deflateSync, gzipSync } from 'node:zlib'
import { compress as snappy } from 'snappyjs'
import { inflate } from '../../../../../shared/adapters/kafka/protocol/codecs.ts'
import { crc32c } from '../../../../../shared/adapters/kafka/protocol/crc32c.ts'
import {
  answerBytesMax,
  readFetchResponse,
} from '../../../../../shared/adapters/kafka/protocol/fetch-response.ts'
import {
  batchBytesMax,
  type ReadMessage,
} from '../../../../../shared/adapters/kafka/protocol/record-batch.ts'
import { seededEntropy } from '../../../../support/fakes/seeded-entropy.ts'
import {
  batchBytes,
  fetchAnswer,
  recordBytes,
  varint,
} from '../../../../support/kafka/record-batches.ts'
import { assert, claims } from '../../../../support/suite.ts'

const read = (...batches: readonly Buffer[]): readonly ReadMessage[] =>
  readFetchResponse(fetchAnswer(Buffer.concat(batches))).responses[0]?.partitions[0]?.messages ?? []

/** Where each lay, and its value, or whether it may be ours. */
const seen = (messages: readonly ReadMessage[]): readonly (readonly [number, unknown])[] =>
  messages.map(({ offset, value, unread }) => [
    Number(offset),
    unread ? unread.mayBeOurs : value?.toString(),
  ])

const three = Buffer.concat(
  ['a', 'b', 'c'].map((value, delta) => recordBytes({ delta, key: 'k', value })),
)
const good = (offset: number): Buffer => batchBytes(three, { offset, count: 3 })
const asRead = (offset: number) => [
  [offset, 'a'],
  [offset + 1, 'b'],
  [offset + 2, 'c'],
]
const [gzip, snappyCodec, lz4, zstd] = [1, 2, 3, 4]

const int32le = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
const lz4Head = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x70, 0x73])
const lz4Stored = (bytes: Buffer): Buffer =>
  Buffer.concat([lz4Head, int32le(bytes.length + 2 ** 31), bytes, int32le(0)])
/** Literals of one byte, then that byte again, as often as 255 a byte of ours can say. */
const lz4Bomb = (bytes: number): Buffer => {
  const block = Buffer.concat([Buffer.from([0x1f, 0, 1, 0]), Buffer.alloc(bytes, 255)])
  const whole = Buffer.concat([block, Buffer.from([0, 0])])
  return Buffer.concat([lz4Head, int32le(whole.length), whole, int32le(0)])
}
/** Blocks of one repeated byte, 128 KiB each, in four bytes. */
const zstdBomb = (blocks: number): Buffer => {
  const block = (isLast: number) => [isLast + 2, 0x00, 0x10, 0x00]
  const many = Array.from({ length: blocks }, (_, index) => block(index === blocks - 1 ? 1 : 0))
  return Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38, ...many.flat()])
}
const framed = (bytes: Buffer): Buffer => {
  const block = snappy(bytes)
  const size = Buffer.alloc(4)
  size.writeInt32BE(block.length)
  const head = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])
  return Buffer.concat([head, size, block])
}
const bombs: readonly (readonly [string, number, Buffer])[] = [
  ['gzip', gzip ?? 0, gzipSync(Buffer.alloc(2 * batchBytesMax))],
  ['snappy', snappyCodec ?? 0, snappy(Buffer.alloc(2 * batchBytesMax))],
  ['framed snappy', snappyCodec ?? 0, framed(Buffer.alloc(2 * batchBytesMax))],
  ['lz4', lz4 ?? 0, lz4Bomb(80_000)],
  ['zstd', zstd ?? 0, zstdBomb(1_000)],
]

claims('the batches of a Fetch answer', {
  'a checksum is CRC-32C': () => assert.is(crc32c(Buffer.from('123456789')), 0xe3069283),

  'records are read with their keys, values and headers, of which the first of a name counts':
    () => {
      const headers = [
        ['h', '1'],
        ['h', '2'],
        ['none', null],
        [null, 'x'],
      ] as const
      const [message] = read(batchBytes(recordBytes({ delta: 0, key: null, value: 'v', headers })))
      assert.equal([message?.key, message?.value?.toString()], [null, 'v'])
      const found = Object.entries(message?.headers ?? {}).map(([name, text]) => [
        name,
        String(text),
      ])
      assert.equal(found, [
        ['h', '1'],
        ['none', ''],
        ['', 'x'],
      ])
    },

  'batches of every codec are read': () => {
    const packed = [
      [gzip, gzipSync(three)],
      [snappyCodec, snappy(three)],
      [snappyCodec, framed(three)],
      [lz4, lz4Stored(three)],
    ] as const
    const batches = packed.map(([attributes = 0, records], index) =>
      batchBytes(records, { offset: 3 * index, attributes, count: 3 }),
    )
    assert.equal(seen(read(...batches)), [0, 3, 6, 9].flatMap(asRead))
  },

  'a batch that inflates beyond the limit costs one message, and reading goes on': () => {
    for (const [name, attributes, records] of bombs) {
      const bomb = batchBytes(records, { attributes, count: 5 })
      assert.equal(seen(read(bomb, good(5))), [[4, false], ...asRead(5)], name)
    }
  },

  'many batches within the limit are not all inflated for one answer': () => {
    const records = gzipSync(Buffer.alloc(batchBytesMax - 1024))
    const batches = Array.from({ length: 100 }, (_, offset) =>
      batchBytes(records, { offset, attributes: 1 }),
    )
    const count = read(...batches).length
    assert.ok(count > 0 && count <= answerBytesMax / batchBytesMax + 1, `${count} were inflated`)
  },

  'a batch that says it holds a billion records costs one message': () => {
    const count = 2 ** 31 - 1
    const [first, ...others] = read(batchBytes(gzipSync(three), { attributes: 1, count }))
    assert.equal([Number(first?.offset), others.length], [count - 1, 0])
  },

  'a record that cannot be read costs one message, and those beside it are read': () => {
    const tails = [varint(-5), varint(2 ** 30), Buffer.alloc(0), Buffer.from([2, 20, 9])]
    for (const tail of tails) {
      const bad = recordBytes({ delta: 1, value: 'b', tail })
      const records = Buffer.concat([
        recordBytes({ delta: 0, value: 'a' }),
        bad,
        recordBytes({ delta: 2, value: 'c' }),
      ])
      const batch = batchBytes(records, { count: 3 })
      assert.equal(seen(read(batch)), [
        [0, 'a'],
        [1, false],
        [2, 'c'],
      ])
    }
  },

  'records without an end cost one message for the rest of their batch': () => {
    const cut = batchBytes(three.subarray(0, -3), { count: 3 })
    assert.equal(seen(read(cut, good(3))), [[0, 'a'], [1, 'b'], [2, false], ...asRead(3)])
  },

  'a batch whose bytes were changed after it was taken may have been ours': () => {
    for (let at = 21; at < good(0).length; at += 1) {
      const changed = good(0)
      changed.writeUInt8(changed.readUInt8(at) ^ 4, at)
      const [first, ...others] = seen(read(changed, good(3)))
      assert.is(first?.[1], true, `byte ${at}`)
      assert.ok((first?.[0] ?? -1) <= 2, `byte ${at}: nothing behind it is passed over`)
      assert.equal(others, asRead(3))
    }
  },

  'a batch of an unknown codec may have been ours; one of an old format was not': () => {
    const unknown = batchBytes(three, { attributes: 7, count: 3 })
    const old = batchBytes(three, { offset: 3, magic: 1 })
    assert.equal(seen(read(unknown, old, good(4))), [[2, true], [3, false], ...asRead(4)])
  },

  'a batch without records is passed over': () => {
    const [empty, ...others] = read(batchBytes(Buffer.alloc(0), { count: 0, delta: 4 }), good(5))
    assert.equal([empty?.offset, empty?.isControlRecord], ['4', true])
    assert.equal(seen(others), asRead(5))
  },

  'what a broker cut short at the end is left out': () => {
    const whole = good(3)
    for (const length of [0, 5, 20, 60, whole.length - 1]) {
      assert.equal(seen(read(good(0), whole.subarray(0, length))), asRead(0))
    }
  },

  'a length that is none fails the answer: what lies behind cannot be found': () => {
    const broken = good(3)
    broken.writeInt32BE(-1, 8)
    assert.throws(() => read(good(0), broken), /offset 3/)
  },

  'whatever the bytes of a batch are, reading ends and goes on behind it': () => {
    const entropy = seededEntropy(11)
    const draw = (below: number): number => entropy.bytes(4).readUInt32BE() % below
    const contents = [three, ...bombs.map(([, , records]) => records.subarray(0, 4_000))]
    for (let round = 0; round < 500; round += 1) {
      const records = Buffer.from(contents[round % contents.length] ?? three)
      for (let count = draw(4); count >= 0; count -= 1) {
        records.writeUInt8(draw(256), draw(records.length))
      }
      const batch = batchBytes(records, { attributes: draw(5), count: 3 })
      const messages = read(batch, good(3))
      assert.equal(seen(messages.slice(-3)), asRead(3))
      const before = messages.slice(0, -3).map(({ offset }) => Number(offset))
      assert.ok(before.length > 0 && (before.at(-1) ?? 3) <= 2, before.join())
      assert.ok(before.every((offset, index) => offset > (before[index - 1] ?? -1)))
    }
  },

  'a codec gives no more than it may, and refuses what is no such frame': () => {
    const random = seededEntropy(3).bytes(1_000)
    for (const codec of [1, 2, 3, 4]) {
      assert.throws(() => inflate(codec, deflateSync(random), 10_000))
      assert.throws(() => inflate(codec, random.subarray(0, 3), 10_000))
    }
    assert.equal(inflate(3, lz4Stored(random), 1_000), random)
    assert.throws(() => inflate(3, lz4Stored(random), 999))
    assert.throws(() => inflate(2, snappy(random), 999))
  },
})
