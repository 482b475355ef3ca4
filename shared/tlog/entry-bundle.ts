import { AuthError } from '../kernel/errors.ts'

/** What two bytes of length can say (C2SP tlog-tiles). */
export const entryBytesMax = 65_535

const lengthBytes = 2

/** @throws AuthError INPUT_INVALID for an entry that is too long */
export const encodeEntry = (entry: Uint8Array): Buffer => {
  if (entry.length > entryBytesMax) {
    throw new AuthError('INPUT_INVALID', `an entry has at most ${entryBytesMax} bytes`)
  }
  const bytes = Buffer.allocUnsafe(lengthBytes + entry.length)
  bytes.writeUInt16BE(entry.length)
  bytes.set(entry, lengthBytes)
  return bytes
}

/** The entries of a bundle; `null` when its lengths do not lead to its end. */
export const entriesIn = (bundle: Buffer): readonly Buffer[] | null => {
  const entries: Buffer[] = []
  let at = 0
  while (at < bundle.length) {
    if (at + lengthBytes > bundle.length) return null
    const from = at + lengthBytes
    const to = from + bundle.readUInt16BE(at)
    if (to > bundle.length) return null
    entries.push(bundle.subarray(from, to))
    at = to
  }
  return entries
}
