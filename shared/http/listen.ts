import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '../kernel/clock.ts'
import { AuthError } from '../kernel/errors.ts'
import type { Closable } from '../kernel/lifecycle.ts'
import type { Drain } from './drain.ts'
import { RequestsInFlight } from './requests-in-flight.ts'

// A name, an IPv4 or a bracketed IPv6 address, and a port. What a proxy makes of two values, joined
// by a comma, is none of these.
const host = /^(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._~-]{1,255})?(?::\d{0,5})?$/

const hostsOf = ({ rawHeaders }: IncomingMessage): readonly string[] => {
  const hosts: string[] = []
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    if (name.length === 4 && name.toLowerCase() === 'host') hosts.push(rawHeaders[at + 1] ?? '')
  }
  return hosts
}

const refuse = (response: ServerResponse, detail: string): void => {
  response.writeHead(400, {
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    Connection: 'close',
  })
  response.end(JSON.stringify({ detail, code: 'host_invalid' }))
}

/**
 * Node takes the first of two `Host` lines, a proxy in front perhaps the last: what one of them
 * allowed, the other would serve. A server must refuse that (RFC 9112, 3.2). Node itself refuses a
 * request of HTTP/1.1 without any.
 */
const refuseDuplicateHost =
  (handler: RequestListener): RequestListener =>
  (request, response) => {
    const [first = '', ...others] = hostsOf(request)
    if (others.length > 0) return refuse(response, 'The request has more than one Host header.')
    if (!host.test(first)) return refuse(response, 'The Host header names no host.')
    return handler(request, response)
  }

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
const closeAsAnswered = (server: Server, drain: Drain, inFlight: RequestsInFlight): void => {
  server.prependListener('request', (_request, response) => {
    if (drain.hasBegun) response.shouldKeepAlive = false
    inFlight.add(response)
  })
  drain.onBegin(() => {
    for (const response of inFlight.responses()) response.shouldKeepAlive = false
  })
}

type ListenOptions = Readonly<{
  port: number
  host: string
  stopTimeoutMs?: number
}>

/**
 * Listens with limits; `close` lets what is in flight finish. With a drain, `inFlight` counts the
 * requests. @throws AuthError CONFIG_INVALID
 */
export const listen = async (
  handler: RequestListener,
  { port, host, stopTimeoutMs = defaultStopTimeoutMs }: ListenOptions,
  drain: Drain | null = null,
  inFlight = new RequestsInFlight(systemClock),
): Promise<Listening> => {
  const server = createServer(limits, refuseDuplicateHost(handler))
  if (drain) closeAsAnswered(server, drain, inFlight)
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
