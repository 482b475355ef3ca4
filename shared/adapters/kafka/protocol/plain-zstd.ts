import { decompress } from 'fzstd'

/**
 * What one Zstandard frame holds. `room` is as much as it may hold at most, where other bytes may
 * follow; `null` where none may.
 */
export type ZstdDecoder = (frame: Buffer, room: number | null) => Buffer

/** In plain JavaScript, for a Node that has none: before 22.15. `null` where it is not there. */
export const plainZstd: ZstdDecoder | null = (frame, room) => {
  // What fzstd is given to write into needs no window; one by default is 2 MiB, for each batch.
  const out = room === null ? undefined : Buffer.alloc(room)
  const decoded = decompress(frame, out)
  return out ?? Buffer.from(decoded)
}
