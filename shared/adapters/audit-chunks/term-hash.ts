export const termBytes = 6

/** Every event has it. */
export const everyEvent = ''

const mixed = (a: number, b: number): number =>
  Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35)

/**
 * Six bytes that stand for a term: two multiplicative hashes (cyrb53). SHA-256 took a third of what
 * it takes to index an event. Two terms of one hash find each other's events, so whoever asks looks
 * again; nobody gains by making such terms. It is a part of the stored format.
 */
export const termHash = (term: string): Buffer => {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  for (let index = 0; index < term.length; index += 1) {
    const unit = term.charCodeAt(index)
    high = Math.imul(high ^ unit, 0x9e3779b1)
    low = Math.imul(low ^ unit, 0x5f356495)
  }
  const hash = Buffer.allocUnsafe(termBytes)
  hash.writeUInt32BE(mixed(high, low) >>> 0)
  hash.writeUInt16BE(mixed(low, high) >>> 16, 4)
  return hash
}
