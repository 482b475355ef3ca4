import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AuthError } from '../kernel/errors.ts'
import { onResponseOver } from '../kernel/http/response-end.ts'
import type { Closable } from '../kernel/lifecycle.ts'
import type { Drain } from './drain.ts'
import { refuseDuplicateHost } from './refuse-duplicate-host.ts'

/** Slow senders are cut: Node's defaults (60 s and 300 s) let 2,000 sockets hold a service. */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 2_000,
  maxHeaderSize: 16 * 1024,
}
const connectionsMax = 10_000
/** Where nothing is set: requests in flight get this long to finish after the stop begins. */
const defaultStopTimeoutMs = 5_000

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

const closed = (server: Server, timeoutMs: number): Promise<void> =>
  new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), timeoutMs)
    server.close(() => {
      clearTimeout(cut)
      resolve()
    })
    server.closeIdleConnections()
  })

/**
 * From the drain on every answer says `Connection: close`, those that are under way included: a
 * client that keeps a connection would else send on it at the very moment when it is closed.
 */
const closeAsAnswered = (server: Server, drain: Drain): void => {
  const open = new Set<ServerResponse>()
  server.prependListener('request', (_request, response) => {
    if (drain.hasBegun) response.shouldKeepAlive = false
    open.add(response)
    onResponseOver(response, () => open.delete(response))
  })
  drain.onBegin(() => {
    for (const response of open) response.shouldKeepAlive = false
  })
}

type ListenOptions = Readonly<{
  port: number
  host: string
  stopTimeoutMs?: number
}>

/** Listens with limits; `close` lets what is in flight finish. @throws AuthError CONFIG_INVALID */
export const listen = async (
  handler: RequestListener,
  { port, host, stopTimeoutMs = defaultStopTimeoutMs }: ListenOptions,
  drain: Drain | null = null,
): Promise<Listening> => {
  const server = createServer(limits, refuseDuplicateHost(handler))
  if (drain) closeAsAnswered(server, drain)
  server.maxConnections = connectionsMax
  await opened(server, port, host)
  const { port: actual } = server.address() as AddressInfo
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return {
    port: actual,
    url: `http://${shown.includes(':') ? `[${shown}]` : shown}:${actual}`,
    close: () => closed(server, stopTimeoutMs),
  }
}
