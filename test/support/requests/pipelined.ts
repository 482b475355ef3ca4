import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { Closable } from '../../../shared/kernel/lifecycle.ts'

export type Pipelined = Readonly<{
  method?: string
  path: string
  headers?: Readonly<Record<string, string>>
  json?: unknown
}>

const textOf = ({ method = 'POST', path, headers = {}, json }: Pipelined): string => {
  const body = json === undefined ? '' : JSON.stringify(json)
  const lines = Object.entries({
    Host: '127.0.0.1',
    ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
    'Content-Length': String(Buffer.byteLength(body)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`
}

/** Requests in a row on one connection, none of which waits for the answer to another. */
export const sendPipelined = (port: number, requests: readonly Pipelined[]): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.off('error', reject)
      socket.on('error', () => {})
      socket.resume()
      socket.write(requests.map(textOf).join(''))
      resolve(socket)
    })
    socket.once('error', reject)
  })

export const hungUp = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.once('close', () => resolve())
    socket.destroy()
  })

export type Served = Closable & Readonly<{ port: number }>

export const serve = async (handler: RequestListener): Promise<Served> => {
  const server = createServer(handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { port: (server.address() as AddressInfo).port, close }
}
