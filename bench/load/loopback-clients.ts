import { connect, type Socket } from 'node:net'
import { serve } from '../support/serve.ts'

export type LoopbackClients = Readonly<{ port: number; count: number; bytes: number }>

const sockets: Socket[] = []

/** Answers one byte to each `bytes` that come. */
const openOne = (port: number, bytes: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve())
    let got = 0
    socket.setNoDelay(true)
    socket.once('error', reject)
    socket.on('data', (text) => {
      got += text.length
      for (; got >= bytes; got -= bytes) socket.write('x')
    })
    sockets.push(socket)
  })

serve<LoopbackClients, number>(
  async ({ port, count, bytes }) => {
    for (let opened = 0; opened < count; opened += 1) await openOne(port, bytes)
    return count
  },
  async () => {
    for (const socket of sockets) socket.destroy()
  },
)
