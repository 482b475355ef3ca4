import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
import type { MacRing } from '../../events/record-mac.ts'
import type { EpochMs, LogId, RevocationKey } from '../../kernel/ids.ts'

/**
 * An image of the revocations in force at a place of the log, in chunks: what a reader that begins
 * would otherwise learn record by record. Version 1.
 *
 * A chunk: two bytes, the length of the header; the header, as JSON; the body; 32 bytes of MAC over
 * all before it. So whoever holds the key, and nobody else, can have made it, of this log, at this
 * place, as this part of this image. Nothing in it says how fresh anything is: that is for the
 * closed times that follow it.
 */
export type ImageHeader = Readonly<{
  logId: LogId
  /** 32 hex digits that are in no other image: chunks of two images do not mix. */
  image: string
  /** What lies in the log up to here and is in force is in the image. */
  offset: number
  /** From 0. */
  index: number
  /** How many chunks there are: in the last one. 0 in those before it. */
  total: number
  /** About how many entries there are; to make room, and for nothing else. */
  entries: number
  /** `sid`, `jti`: rows, see `imageRowBytes`. `json`: an array of `RevocationTuple`. */
  of: 'sid' | 'jti' | 'json'
}>

export type ImageChunk = Readonly<{ header: ImageHeader; body: Buffer }>

/**
 * A row: the 16 bytes of an id of 32 hex digits, the minute since 1970 in which it expires, the
 * second since 1970 in which it was revoked. The two are little-endian.
 */
export const imageRowBytes = 24

/** What the row at `at` says. */
export const revocationOfRow = (
  of: 'jti' | 'sid',
  rows: DataView,
  at: number,
): Readonly<{ key: RevocationKey; revokedAt: EpochMs }> => {
  const id = Buffer.from(rows.buffer, rows.byteOffset + at, 16).toString('hex')
  return { key: `${of}:${id}`, revokedAt: (rows.getUint32(at + 20, true) * 1_000) as EpochMs }
}

const version = 1
const macBytes = 32
const lengthBytes = 2
/** So that no record of the log, which begins with a digit, has the MAC of a chunk. */
const domain = 'curfew.RevocationImage\n'

/** The key that a server of the feed and one of its readers share, as a ring. */
export const readerRing = (secret: string): MacRing => {
  const key = createHmac('sha256', secret).update(domain).digest()
  return { active: 'reader', keys: new Map([['reader', createSecretKey(key)]]) }
}

const macOf = (ring: MacRing, kid: unknown, covered: Buffer): Buffer | null => {
  const key = ring.keys.get(kid as string)
  return key ? createHmac('sha256', key).update(domain).update(covered).digest() : null
}

/** @throws Error when the ring has no active key */
export const encodeImageChunk = (ring: MacRing, { header, body }: ImageChunk): Buffer => {
  const { active: kid, fleet } = ring
  const text = Buffer.from(JSON.stringify({ v: version, kid, fleet, ...header }))
  const length = Buffer.alloc(lengthBytes)
  length.writeUInt16LE(text.length)
  const covered = Buffer.concat([length, text, body])
  const mac = macOf(ring, kid, covered)
  if (!mac) throw new Error('the MAC ring has no active key')
  return Buffer.concat([covered, mac])
}

const parsed = (text: string): Readonly<Record<string, unknown>> | null => {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>> | null
  } catch {
    return null
  }
}

/**
 * `null` for whatever nobody with a key of `ring` made, for another fleet's, and for a version that
 * is not known. Never throws.
 */
export const decodeImageChunk = (ring: MacRing, bytes: Buffer): ImageChunk | null => {
  const end = bytes.length - macBytes
  const from = lengthBytes + (end < lengthBytes ? 0 : bytes.readUInt16LE())
  if (end < from) return null
  const header = parsed(bytes.toString('utf8', lengthBytes, from))
  const mac = header && macOf(ring, header['kid'], bytes.subarray(0, end))
  if (!mac || !timingSafeEqual(mac, bytes.subarray(end))) return null
  const body = bytes.subarray(from, end)
  // What else it says is what somebody with the key says, as version 1 has it.
  const isKnown = header['v'] === version && header['fleet'] === ring.fleet
  const isWhole = header['of'] === 'json' || body.length % imageRowBytes === 0
  return isKnown && isWhole ? { header: header as unknown as ImageHeader, body } : null
}

/** Whether chunks are those of one image, in their order, all of them. */
export class ImageSequence {
  #first: ImageHeader | null = null
  #next = 0
  #total = 0

  /** The header of the first chunk, once it was taken. */
  get first(): ImageHeader | null {
    return this.#first
  }

  get isWhole(): boolean {
    return this.#total > 0
  }

  /** Whether `header` is the one that must come now. */
  takes(header: ImageHeader): boolean {
    this.#first ??= header
    const { index, total } = header
    const isNext = index === this.#next && !this.isWhole && (total === 0 || total === index + 1)
    const isSame = (['logId', 'image', 'offset'] as const).every(
      (member) => header[member] === this.#first?.[member],
    )
    if (!isNext || !isSame) return false
    this.#next += 1
    this.#total = total
    return true
  }
}
