import { connect, isIP, Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ISocketFactory } from 'kafkajs'
import type { Clock } from '../../../kernel/clock.ts'
import { type KafkaTlsFiles, tlsOptionsOf, withTlsFix } from './tls-files.ts'

export type WatchedSockets = Readonly<{
  factory: ISocketFactory
  /** Cuts every connection of this client; what was in flight rejects at once. */
  cutAll(reason: string): void
}>

const patienceMs = 3_000
// A coordinator holds these until all members came back, at most `rebalanceTimeout` (15 s).
const joinPatienceMs = 20_000
const joinGroupApi = 11
const syncGroupApi = 14

const patienceFor = (request: unknown): number => {
  if (!Buffer.isBuffer(request) || request.length < 6) return patienceMs
  const api = request.readInt16BE(4)
  return api === joinGroupApi || api === syncGroupApi ? joinPatienceMs : patienceMs
}

const cut = (socket: Socket, reason: string): void => {
  // Without an error kafkajs would not notice: it listens to `end` and `error`, never to `close`.
  socket.destroy(Object.assign(new Error(reason), { code: 'ETIMEDOUT' }))
}

/**
 * A request that nobody answers in time ends its connection; one timer per connection, none while
 * idle.
 */
const watch = (clock: Clock, socket: Socket): void => {
  let waiting: AbortController | null = null
  const disarm = (): void => {
    waiting?.abort()
    waiting = null
  }
  const arm = (ms: number): void => {
    if (waiting) return
    const timer = new AbortController()
    waiting = timer
    void clock.sleep(ms, timer.signal).then(() => {
      if (!timer.signal.aborted) cut(socket, `no answer in ${ms} ms`)
    })
  }
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean
  socket.write = ((...args: unknown[]) => {
    arm(patienceFor(args[0]))
    return write(...args)
  }) as Socket['write']
  socket.on('data', disarm)
  socket.on('close', disarm)
}

const noFiles: KafkaTlsFiles = { caFile: null, certFile: null, keyFile: null }

type To = Readonly<{ host: string; port: number; onConnect: () => void }>

/** A file that cannot be read is a connection that failed; it is read again for the next one. */
const secured = ({ host, port, onConnect }: To, ssl: object, files: KafkaTlsFiles): Socket => {
  const servername = isIP(host) === 0 ? { servername: host } : {}
  try {
    const options = { host, port, ...servername, ...ssl, ...tlsOptionsOf(files) }
    const socket = connectTls(options, onConnect)
    // Before anybody else listens, so that all hear the fix.
    socket.prependListener('error', withTlsFix)
    return socket
  } catch (error) {
    const unopened = new Socket()
    setImmediate(() => unopened.destroy(error as Error))
    return unopened
  }
}

/**
 * Connections that notice a silent death. kafkajs keeps a half-open socket in its pool for ever:
 * two sends failed after 9.6 s and 9.9 s without one new connection (measured). `socket.setTimeout`
 * does not help, since each retry writes, and so resets it.
 */
export const watchedSockets = (clock: Clock, files = noFiles): WatchedSockets => {
  const open = new Set<Socket>()
  return {
    factory: ({ host, port, ssl, onConnect }) => {
      const socket = ssl
        ? secured({ host, port, onConnect }, ssl, files)
        : connect({ host, port }, onConnect)
      socket.setKeepAlive(true, 10_000)
      socket.setNoDelay(true)
      // kafkajs adds listeners to one socket for each wait; past ten Node warns of a leak that is
      // none.
      socket.setMaxListeners(0)
      open.add(socket)
      socket.once('close', () => open.delete(socket))
      watch(clock, socket)
      return socket
    },
    cutAll: (reason) => {
      for (const socket of open) cut(socket, reason)
    },
  }
}
