import { type AddressInfo, createServer, type Socket } from 'node:net'
import { serve } from '../support/serve.ts'
import { sharedNowMs } from '../support/shared-clock.ts'

export type LoopbackRequest =
  | Readonly<{ kind: 'open' }>
  /** Writes to every socket, and waits for a byte of each. */
  | Readonly<{ kind: 'round'; bytes: number }>
export type LoopbackReply = Readonly<{ port: number; sockets: number; ms: number }>

const sockets = new Set<Socket>()
let echoed: () => void = () => {}

const server = createServer((socket) => {
  socket.setNoDelay(true)
  sockets.add(socket)
  socket.on('data', () => echoed())
  socket.on('error', () => {})
  socket.once('close', () => sockets.delete(socket))
})

const open = (): Promise<void> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', 4_096, () => resolve()))

const round = async (bytes: number): Promise<number> => {
  const text = Buffer.alloc(bytes, 120)
  let missing = sockets.size
  const all = new Promise<void>((resolve) => {
    echoed = () => {
      missing -= 1
      if (missing === 0) resolve()
    }
  })
  const beganMs = sharedNowMs()
  for (const socket of sockets) socket.write(text)
  await all
  return sharedNowMs() - beganMs
}

/** What the machine needs to reach as many sockets and hear from each, in Node alone. */
serve<LoopbackRequest, LoopbackReply>(
  async (request) => {
    if (request.kind === 'open') await open()
    const ms = request.kind === 'round' ? await round(request.bytes) : 0
    return { port: (server.address() as AddressInfo).port, sockets: sockets.size, ms }
  },
  async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  },
)
