import { crc32 } from 'node:zlib'
import { AuthError } from '../../../kernel/errors.ts'
import { packValue } from './pack-value.ts'
import { UnpackError, unpackValue } from './unpack-value.ts'

/**
 * What a value begins with: a packed one, or JSON text where packing is not for it. JSON text
 * without a sum, as formats 1 and 2 of the store have it, never begins so.
 */
const begins = { packed: 1, text: 2 } as const
const markBytes = 1
const sumBytes = 4

const summed = (bytes: Buffer, mark: number): Buffer => {
  const end = bytes.length - sumBytes
  bytes[0] = mark
  bytes.writeUInt32LE(crc32(bytes.subarray(0, end)), end)
  return bytes
}

const asText = (value: unknown): Buffer => {
  const text = Buffer.from(JSON.stringify(value))
  return Buffer.concat([Buffer.alloc(markBytes), text, Buffer.alloc(sumBytes)])
}

/** A JSON value as it is stored. */
export const encodeValue = (value: unknown): Buffer => {
  const packed = packValue(value, markBytes, sumBytes)
  // Copied: the packer writes the next value where this one is.
  return packed ? Buffer.from(summed(packed, begins.packed)) : summed(asText(value), begins.text)
}

/** @throws UnpackError, SyntaxError */
const decoded = (bytes: Buffer): unknown => {
  const mark = bytes[0]
  if (mark !== begins.packed && mark !== begins.text) return JSON.parse(bytes.toString())
  const end = bytes.length - sumBytes
  if (end < markBytes || crc32(bytes.subarray(0, end)) !== bytes.readUInt32LE(end)) {
    throw new UnpackError('its sum is another')
  }
  return mark === begins.packed
    ? unpackValue(bytes, markBytes, end)
    : JSON.parse(bytes.toString('utf8', markBytes, end))
}

/** @throws AuthError DATA_INVALID for bytes that are damaged. */
export const decodeValue = (given: Buffer, database: string): unknown => {
  try {
    // The `length` that lmdb-js gives its buffer is the value's; the memory behind it is longer.
    return decoded(Buffer.from(given.buffer, given.byteOffset, given.length))
  } catch (cause) {
    if (!(cause instanceof UnpackError || cause instanceof SyntaxError)) throw cause
    throw new AuthError('DATA_INVALID', `a value of ${database} is damaged`, { cause })
  }
}
