import type { EpochMs } from '../../kernel/ids.ts'
import type { IndexBatch } from '../../ports/audit-index.ts'
import { bucketOf, type Chunk, keyOf, spanMax, writePlace } from './chunk-key.ts'
import { everyEvent, termHash } from './term-hash.ts'

type Open = { bucket: number; first: number; last: number; bytes: number[] }

/** The chunks of one term that its events go into, oldest first; a batch seldom has many. */
const openFor = (chunks: Open[], bucket: number, offset: number): Open => {
  for (let index = chunks.length - 1; index >= 0; index -= 1) {
    const chunk = chunks[index] as Open
    if (chunk.bucket === bucket && offset - chunk.first <= spanMax) return chunk
  }
  const opened = { bucket, first: offset, last: offset, bytes: [] }
  chunks.push(opened)
  return opened
}

const note = (chunks: Open[], at: EpochMs, offset: number): void => {
  const chunk = openFor(chunks, bucketOf(at), offset)
  writePlace(chunk.bytes, offset - chunk.last, at)
  chunk.last = offset
}

/** One for each term and bucket. */
export const chunksOfBatch = ({ lane, events }: IndexBatch): Chunk[] => {
  const byTerm = new Map<string, Open[]>()
  const add = (term: string, at: EpochMs, offset: number): void => {
    let chunks = byTerm.get(term)
    if (chunks === undefined) {
      chunks = []
      byTerm.set(term, chunks)
    }
    note(chunks, at, offset)
  }
  for (const { at, terms, record } of events) {
    add(everyEvent, at, record.offset)
    for (const term of terms) add(term, at, record.offset)
  }
  const made: Chunk[] = []
  for (const [term, chunks] of byTerm) {
    const hash = termHash(term)
    for (const { bucket, first, last, bytes } of chunks) {
      made.push({
        key: keyOf(hash, bucket, { lane, first, last }),
        places: Uint8Array.from(bytes),
      })
    }
  }
  return made
}
