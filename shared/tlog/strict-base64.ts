import { hashBytes, type TreeHash } from './merkle-hash.ts'

/** The bytes of `text`, or `null` unless it is their one spelling (RFC 4648, 4). */
export const strictBase64 = (text: string): Buffer | null => {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : null
}

/** The hash that `text` spells so; `null` when it is none. */
export const hashInBase64 = (text: string): TreeHash | null => {
  const bytes = strictBase64(text)
  return bytes?.length === hashBytes ? bytes : null
}
