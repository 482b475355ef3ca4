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

/** Calls `heard` with each whole message, whose bytes are copied once, whatever the chunks. */
export const onFrames = (socket: Socket, heard: (message: unknown) => void): void => {
  let chunks: Buffer[] = []
  let bytes = 0
  let wanted = lengthBytes
  const whole = (): Buffer => {
    const all = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, bytes)
    chunks = [all]
    return all
  }
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    bytes += chunk.length
    while (bytes >= wanted) {
      const all = whole()
      const end = lengthBytes + all.readUInt32LE()
      if (bytes < end) {
        wanted = end
        return
      }
      heard(deserialize(all.subarray(lengthBytes, end)))
      chunks = [all.subarray(end)]
      bytes -= end
      wanted = lengthBytes
    }
  })
}
