import zlib from 'node:zlib'
import { plainZstd, type ZstdDecoder } from './plain-zstd.ts'

type Inflate = (frame: Buffer, options?: { maxOutputLength: number }) => Buffer
const native = 'zstdDecompressSync' in zlib ? (zlib.zstdDecompressSync as unknown as Inflate) : null

/** Node has it from 22.15 on. Read from the frame, `room` is never too small. */
export const nodeZstd: ZstdDecoder | null = native
  ? (frame, room) => native(frame, room ? { maxOutputLength: room } : undefined)
  : null

/** `null` where this process has none. */
export const zstdDecoder: ZstdDecoder | null = nodeZstd ?? plainZstd
