import { createServer, type Server, type Socket } from 'node:net'
import { freePort } from '../servers/server-process.ts'

/** What an address may be that is in a list of brokers and is none. */
export const badKinds = ['closes', 'hangs', 'resets', 'http', 'garbage', 'half', 'dead'] as const
export type BadKind = (typeof badKinds)[number]

const http = 'HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n'

const behaviours: Readonly<Record<Exclude<BadKind, 'dead'>, (socket: Socket) => void>> = {
  closes: (socket) => void socket.end(),
  hangs: () => {},
  resets: (socket) => void socket.once('data', () => socket.resetAndDestroy()),
  http: (socket) => void socket.once('data', () => socket.end(http)),
  garbage: (socket) => void socket.once('data', () => socket.write(Buffer.alloc(64, 0x15))),
  // A whole head of an answer, and nothing behind it.
  half: (socket) => void socket.once('data', () => socket.write(Buffer.from([0, 0, 0, 90, 0]))),
}

export type BadAddress = Readonly<{
  address: string
  /** Connections that were made to it. */
  tried: () => number
  close: () => Promise<void>
}>

/** A port of this machine that behaves like that. */
export const badAddress = async (kind: BadKind): Promise<BadAddress> => {
  if (kind === 'dead') {
    return { address: `127.0.0.1:${await freePort()}`, tried: () => 0, close: async () => {} }
  }
  const sockets = new Set<Socket>()
  let tried = 0
  const server: Server = createServer((socket) => {
    tried += 1
    sockets.add(socket)
    socket.on('error', () => {})
    behaviours[kind](socket)
  })
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(address !== null && typeof address === 'object' ? address.port : 0)
    })
  })
  return {
    address: `127.0.0.1:${port}`,
    tried: () => tried,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
