import { createServer, type Socket } from 'node:net'
import { int16, int32, text } from '../kafka/kafka-bytes.ts'

const apiVersions = 18
const saslHandshake = 17
const saslAuthenticate = 36
const saslFailed = 58

const supported = [
  [1, 0, 11],
  [3, 0, 5],
  [saslHandshake, 0, 1],
  [apiVersions, 0, 2],
  [saslAuthenticate, 0, 0],
] as const

const answers: Readonly<Record<number, () => Buffer>> = {
  [apiVersions]: () => {
    const rows = supported.map((row) => Buffer.concat(row.map(int16)))
    return Buffer.concat([int16(0), int32(rows.length), ...rows, int32(0)])
  },
  [saslHandshake]: () => Buffer.concat([int16(0), int32(1), text('PLAIN')]),
  [saslAuthenticate]: () =>
    Buffer.concat([int16(saslFailed), text('Invalid username or password'), int32(0)]),
}

const answer = (socket: Socket, request: Buffer): void => {
  const body = answers[request.readInt16BE(4)]?.()
  if (!body) return void socket.destroy()
  socket.write(Buffer.concat([int32(4 + body.length), request.subarray(8, 12), body]))
}

/** A broker that takes nobody's password, as Kafka words it; it ends with the process. */
export const startRefusingBroker = (): Promise<string> => {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (request) => answer(socket, request))
  })
  server.unref()
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(`127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`)
    })
  })
}
