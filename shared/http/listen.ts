import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AuthError } from '../kernel/errors.ts'
import type { Closable } from '../kernel/lifecycle.ts'

/** Slow senders are cut: Node's defaults (60 s and 300 s) let 2,000 sockets hold a service. */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 2_000,
  maxHeaderSize: 16 * 1024,
}
const connectionsMax = 10_000
/** Requests in flight get this long to finish after the stop begins. */
const graceMs = 5_000

export type Listening = Closable & Readonly<{ port: number; url: string }>

const opened = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE'
      const problem = taken
        ? `port ${port} on ${host} is taken`
        : `cannot listen on ${host}:${port}`
      reject(new AuthError('CONFIG_INVALID', problem, { cause: error }))
    })
    server.listen(port, host, () => resolve())
  })

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs)
    server.close(() => {
      clearTimeout(cut)
      resolve()
    })
    server.closeIdleConnections()
  })

/** Listens with limits; `close` lets what is in flight finish. @throws AuthError CONFIG_INVALID */
export const listen = async (
  handler: RequestListener,
  { port, host }: Readonly<{ port: number; host: string }>,
): Promise<Listening> => {
  const server = createServer(limits, handler)
  server.maxConnections = connectionsMax
  await opened(server, port, host)
  const { port: actual } = server.address() as AddressInfo
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return {
    port: actual,
    url: `http://${shown.includes(':') ? `[${shown}]` : shown}:${actual}`,
    close: () => closed(server),
  }
}
