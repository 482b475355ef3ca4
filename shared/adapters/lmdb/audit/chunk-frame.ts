import { type Chunk, keyBytes } from '../../audit-chunks/chunk-key.ts'

const lengthBytes = 4

/**
 * Many chunks in one piece of memory, which travels to the writer thread in one copy: thousands of
 * small ones cost more than writing them does.
 */
export const frameOf = (chunks: readonly Chunk[]): Uint8Array => {
  const bytes = chunks.reduce((sum, { places }) => sum + lengthBytes + keyBytes + places.length, 0)
  const frame = new Uint8Array(bytes)
  const view = new DataView(frame.buffer)
  let at = 0
  for (const { key, places } of chunks) {
    view.setUint32(at, places.length)
    frame.set(key, at + lengthBytes)
    frame.set(places, at + lengthBytes + keyBytes)
    at += lengthBytes + keyBytes + places.length
  }
  return frame
}

export const chunksInFrame = function* (frame: Uint8Array): Generator<Chunk> {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  for (let at = 0; at < frame.length; ) {
    const begin = at + lengthBytes
    const middle = begin + keyBytes
    const end = middle + view.getUint32(at)
    yield { key: frame.subarray(begin, middle), places: frame.subarray(middle, end) }
    at = end
  }
}
