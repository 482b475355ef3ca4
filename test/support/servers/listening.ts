import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Closable } from '../../../shared/kernel/lifecycle.ts'

export type Heard = Readonly<{ method: string; url: string; headers: IncomingHttpHeaders }>
export type Listener = Closable & Readonly<{ port: number; heard: readonly Heard[] }>

/** A service that believes its proxy: it answers 200 and remembers what it was sent. */
export const startListener = async (): Promise<Listener> => {
  const heard: Heard[] = []
  const server = createServer(({ method = '', url = '', headers }, answer) => {
    heard.push({ method, url, headers })
    answer.end('hello')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { port, heard, close }
}
