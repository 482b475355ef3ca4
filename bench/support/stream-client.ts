import { connect, type Socket } from 'node:net'
import { sharedNowMs } from './shared-clock.ts'

/** A stream that stays open until the server ends it. */
export type StreamClient = Readonly<{
  /** When its last chunk was here, on the machine's clock. */
  ended: Promise<number>
  isOpen: () => boolean
  close: () => void
}>

const lastChunk = '0\r\n\r\n'
const firstEvent = 'data: hello'

/** Resolves when the first event is here. Rejects when it is answered otherwise. */
export const openStream = (port: number, access: string): Promise<StreamClient> =>
  new Promise((resolve, reject) => {
    const socket: Socket = connect(port, '127.0.0.1')
    let open = true
    let end: (atMs: number) => void = () => {}
    const ended = new Promise<number>((done) => {
      end = done
    })
    const client = { ended, isOpen: () => open, close: () => void socket.destroy() }
    socket.setEncoding('latin1')
    socket.once('error', reject)
    socket.write(`GET /events HTTP/1.1\r\nHost: bench\r\nCookie: access=${access}\r\n\r\n`)
    socket.on('data', (text: string) => {
      if (text.includes(firstEvent)) resolve(client)
      else if (text.includes(' 401 ')) reject(new Error('a stream was refused'))
      if (!text.endsWith(lastChunk)) return
      open = false
      end(sharedNowMs())
      socket.destroy()
    })
  })
