import { imageRowBytes } from '../../../shared/guard/feed-protocol/index.ts'
import type { EpochMs, EventId } from '../../../shared/kernel/ids.ts'
import type { LoggedRevocation } from './logged-revocation.ts'

/** What a row is of: the ids of tokens, or of sessions. */
export type RowScope = 'jti' | 'sid'

/**
 * A revocation in words of 32 bits: the four words of its id; the minutes of its two instants; what
 * is left of them in milliseconds, 16 bits each; its place in the log; and of its event the version
 * (16 bits), the index (8 bits) and the reason (8 bits).
 */
export const rowWords = 9
export const minuteWord = 4

const minuteMs = 60_000
const span = 2 ** 32
const reasonsMax = 256
const hex32 = /^[0-9a-f]{32}$/
const eventId = /^(.*):(0|[1-9]\d{0,4}):(0|[1-9]\d{0,2})$/
const streamOf = { jti: 'j', sid: 's' } as const

/** Reasons have a number in the order in which they are met. */
export class Reasons {
  readonly #names: string[] = []

  /** −1 where there are too many. */
  numberOf(name: string): number {
    const known = this.#names.indexOf(name)
    if (known >= 0 || this.#names.length >= reasonsMax) return known
    return this.#names.push(name) - 1
  }

  nameOf(number: number): string {
    return this.#names[number] as string
  }
}

const fits = ({ revocation, offset }: LoggedRevocation): boolean => {
  const { expiresAt, revokedAt } = revocation
  const minutes = [expiresAt, revokedAt].map((at) => Math.floor(at / minuteMs))
  return offset < span && minutes.every((minute) => minute > 0 && minute < span)
}

/** Whether `told` was written to `row`; `false` where a row cannot say all of it. */
export const writeRow = (
  row: Uint32Array,
  of: RowScope,
  told: LoggedRevocation,
  reasons: Reasons,
): boolean => {
  const { key, expiresAt, revokedAt, reason } = told.revocation
  const name = key.slice(4)
  const [, stream, version = '', index = ''] = eventId.exec(told.id) ?? []
  const isOwn = hex32.test(name) && stream === `${streamOf[of]}/${name}`
  const [versionNumber, indexNumber] = [Number(version), Number(index)]
  const isSmall = versionNumber < 2 ** 16 && indexNumber < 2 ** 8
  const number = isOwn && isSmall && fits(told) ? reasons.numberOf(reason) : -1
  if (number < 0) return false
  for (let word = 0; word < 4; word += 1) {
    row[word] = Number.parseInt(name.slice(8 * word, 8 * word + 8), 16)
  }
  row[minuteWord] = Math.floor(expiresAt / minuteMs)
  row[5] = Math.floor(revokedAt / minuteMs)
  row[6] = ((expiresAt % minuteMs) << 16) | (revokedAt % minuteMs)
  row[7] = told.offset
  row[8] = (versionNumber << 16) | (indexNumber << 8) | number
  return true
}

const wordIn = (words: Uint32Array, at: number): number => words[at] as number

/** Milliseconds of `row` at `at` until which it counts. */
export const expiryOf = (row: Uint32Array, at: number): number =>
  wordIn(row, at + minuteWord) * minuteMs + (wordIn(row, at + 6) >>> 16)

/** The row at `at` of `words`, as it was told. */
export const toldOf = (
  words: Uint32Array,
  at: number,
  of: RowScope,
  reasons: Reasons,
): LoggedRevocation => {
  const id = [0, 1, 2, 3].map((word) =>
    wordIn(words, at + word)
      .toString(16)
      .padStart(8, '0'),
  )
  const name = id.join('')
  const numbers = wordIn(words, at + 8)
  return {
    revocation: {
      key: `${of}:${name}`,
      cutoff: null,
      expiresAt: expiryOf(words, at) as EpochMs,
      reason: reasons.nameOf(numbers & 0xff),
      revokedAt: (wordIn(words, at + 5) * minuteMs + (wordIn(words, at + 6) & 0xffff)) as EpochMs,
    },
    id: `${streamOf[of]}/${name}:${numbers >>> 16}:${(numbers >>> 8) & 0xff}` as EventId,
    offset: wordIn(words, at + 7),
  }
}

const secondsOf = (words: Uint32Array, at: number): number =>
  Math.min(
    wordIn(words, at + 5) * 60 + Math.floor((wordIn(words, at + 6) & 0xffff) / 1_000),
    span - 1,
  )

/** Writes the row at `at` of `words` into an image, at its row `index`. */
export const writeImageRow = (
  image: DataView,
  index: number,
  words: Uint32Array,
  at: number,
): void => {
  const to = index * imageRowBytes
  for (let word = 0; word < 4; word += 1) {
    image.setUint32(to + 4 * word, wordIn(words, at + word))
  }
  image.setUint32(to + 16, wordIn(words, at + minuteWord), true)
  image.setUint32(to + 20, secondsOf(words, at), true)
}
