import { connect, createServer, type Socket } from 'node:net'
import type { Closable } from '../../shared/kernel/lifecycle.ts'

/** A link to a server far away, on loopback: it adds time, and takes no bandwidth. */
export type DistantProxy = Closable &
  Readonly<{
    port: number
    /** From now on, on open connections too. */
    setRoundTrip: (ms: number) => void
  }>

type Link = { roundTripMs: number }

/**
 * Hands on what comes, in order, half a round trip later. `openedMs` is when the link is up: before
 * that nothing can be sent.
 */
const carry = (from: Socket, to: Socket, link: Link, openedMs: number): void => {
  const steps: (() => unknown)[] = []
  const later = (step: () => unknown): void => {
    const ms = Math.max(openedMs - performance.now(), 0) + link.roundTripMs / 2
    // A timer of 0 ms takes one, which a proxy without distance must not.
    if (ms === 0 && steps.length === 0) step()
    else {
      steps.push(step)
      // The oldest step, whichever timer comes first: timers of unequal length can overtake.
      setTimeout(() => steps.shift()?.(), ms)
    }
  }
  from.on('data', (data) => later(() => to.write(data)))
  from.on('end', () => later(() => to.end()))
  from.on('close', () => later(() => to.destroy()))
}

/**
 * From `listen` (0 is a free port) to `target`, both on loopback. The handshake of TCP would take a
 * round trip, so the first bytes of a client wait for one.
 */
export const openDistantProxy = async (listen: number, target: number): Promise<DistantProxy> => {
  const link: Link = { roundTripMs: 0 }
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true })
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => {}) // 'close' follows, and is carried.
      socket.on('close', () => sockets.delete(socket))
    }
    carry(near, far, link, performance.now() + link.roundTripMs)
    carry(far, near, link, 0)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(listen, '127.0.0.1', resolve)
  })
  const address = server.address()
  return {
    port: address !== null && typeof address === 'object' ? address.port : listen,
    setRoundTrip: (ms) => {
      link.roundTripMs = ms
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
