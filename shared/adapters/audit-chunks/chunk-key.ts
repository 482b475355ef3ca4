import type { EpochMs } from '../../kernel/ids.ts'
import type { AuditPlace } from '../../ports/audit-index.ts'
import { termBytes } from './term-hash.ts'

/**
 * Where one term occurs in one batch within one bucket of time. The key says all that tells it from
 * others: term, bucket, lane, first offset, and how far the last one is from it. Batches are runs
 * of offsets, so two chunks of one key say the same, and whoever writes one again changes nothing.
 */
export type Chunk = Readonly<{ key: Uint8Array; places: Uint8Array }>

/** The length of the key up to the bucket; all chunks of one term and bucket share these bytes. */
export const prefixBytes = termBytes + 4
const offsetBytes = 5
const spanBytes = 2
export const keyBytes = prefixBytes + 2 + offsetBytes + spanBytes
export const laneMax = 0xffff
export const offsetMax = 2 ** 40 - 1
export const spanMax = 0xffff
/** What one person does in one second is one row, and a second of a busy service fits into one. */
export const bucketMs = 1_024

export const bucketOf = (at: EpochMs): number => Math.floor(at / bucketMs)
export const bucketStart = (bucket: number): EpochMs => (bucket * bucketMs) as EpochMs

export const prefixOf = (term: Uint8Array, bucket: number): Buffer => {
  const prefix = Buffer.allocUnsafe(prefixBytes)
  prefix.set(term)
  prefix.writeUInt32BE(bucket, termBytes)
  return prefix
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength)

export const bucketIn = (key: Uint8Array): number => viewOf(key).readUInt32BE(termBytes)

export const keyOf = (
  term: Uint8Array,
  bucket: number,
  { lane, first, last }: Readonly<{ lane: number; first: number; last: number }>,
): Buffer => {
  const key = Buffer.allocUnsafe(keyBytes)
  key.set(term)
  key.writeUInt32BE(bucket, termBytes)
  key.writeUInt16BE(lane, prefixBytes)
  key.writeUIntBE(first, prefixBytes + 2, offsetBytes)
  key.writeUInt16BE(last - first, prefixBytes + 2 + offsetBytes)
  return key
}

/** Seven bits a byte, the lowest first; numbers up to 2^53. */
const writeNumber = (bytes: number[], number: number): void => {
  let rest = number
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80)
    rest = Math.floor(rest / 0x80)
  }
  bytes.push(rest)
}

/** One place, behind one of the offset `before`: the step from it, and the time in the bucket. */
export const writePlace = (bytes: number[], step: number, at: EpochMs): void =>
  writeNumber(bytes, step * bucketMs + (at % bucketMs))

/** In the order of offsets. */
export const placesIn = ({ key, places }: Chunk): AuditPlace[] => {
  const view = viewOf(key)
  const start = bucketStart(view.readUInt32BE(termBytes))
  const lane = view.readUInt16BE(prefixBytes)
  let offset = view.readUIntBE(prefixBytes + 2, offsetBytes)
  const found: AuditPlace[] = []
  for (let index = 0; index < places.length; ) {
    let number = 0
    for (let weight = 1; ; weight *= 0x80) {
      const byte = places[index] ?? 0
      index += 1
      number += (byte % 0x80) * weight
      if (byte < 0x80) break
    }
    offset += Math.floor(number / bucketMs)
    found.push({ at: (start + (number % bucketMs)) as EpochMs, lane, offset })
  }
  return found
}

export const byPlace = (a: AuditPlace, b: AuditPlace): number =>
  a.at - b.at || a.lane - b.lane || a.offset - b.offset
