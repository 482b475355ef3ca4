import type { Socket } from 'node:net'
import { deserialize, serialize } from 'node:v8'

const lengthBytes = 4

/**
 * Messages between two processes of the same build, over a Unix socket: four bytes of length, then
 * the value as V8 serializes it (undefined and byte arrays stay what they are, unlike in JSON).
 */
export const sendFrame = (socket: Socket, message: unknown): void => {
  const body = serialize(message)
  const length = Buffer.alloc(lengthBytes)
  length.writeUInt32LE(body.length)
  socket.cork()
  socket.write(length)
  socket.write(body)
  socket.uncork()
}

/** Calls `heard` with each whole message. */
export const onFrames = (socket: Socket, heard: (message: unknown) => void): void => {
  let kept: Buffer = Buffer.alloc(0)
  socket.on('data', (bytes: Buffer) => {
    kept = kept.length === 0 ? bytes : Buffer.concat([kept, bytes])
    while (kept.length >= lengthBytes) {
      const end = lengthBytes + kept.readUInt32LE()
      if (kept.length < end) return
      heard(deserialize(kept.subarray(lengthBytes, end)))
      kept = kept.subarray(end)
    }
  })
}
