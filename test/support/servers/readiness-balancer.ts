import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '../../../shared/kernel/clock.ts'
import type { Closable } from '../../../shared/kernel/lifecycle.ts'

export type Balancer = Closable &
  Readonly<{
    url: string
    /** Who gets traffic now. */
    chosen: () => readonly string[]
    /** Requests that failed between here and a backend; a client sees 502. */
    failures: readonly string[]
  }>

const probeMs = 100

const isReady = (backend: string): Promise<boolean> =>
  fetch(`${backend}/readyz`, { signal: AbortSignal.timeout(1_000) }).then(
    async (answer) => {
      await answer.arrayBuffer()
      return answer.ok
    },
    () => false,
  )

/**
 * Sends each request to the next backend that was ready when last asked, over connections that it
 * keeps, and never sends one twice: what a balancer does that follows `/readyz`.
 */
export const startBalancer = async (backends: readonly string[]): Promise<Balancer> => {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const failures: string[] = []
  const stop = new AbortController()
  let chosen: readonly string[] = []
  let turn = 0
  const look = async (): Promise<void> => {
    const found = await Promise.all(backends.map(isReady))
    chosen = backends.filter((_, index) => found[index])
  }
  const looking = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await look()
      await systemClock.sleep(probeMs, stop.signal)
    }
  }
  const forward = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    turn += 1
    const backend = chosen[turn % chosen.length]
    const failed = (why: string): void => {
      failures.push(`${incoming.method} ${incoming.url} at ${backend}: ${why}`)
      if (!outgoing.headersSent) outgoing.writeHead(502)
      outgoing.end()
    }
    if (backend === undefined) {
      failed('nobody is ready')
      return
    }
    const { method, headers } = incoming
    const through = request(`${backend}${incoming.url}`, { method, headers, agent }, (answer) => {
      const { connection: _hop, 'keep-alive': _hop2, ...kept } = answer.headers
      outgoing.writeHead(answer.statusCode ?? 502, kept)
      answer.on('error', (error) => failed(error.message))
      answer.pipe(outgoing)
    })
    through.on('error', (error) => failed(error.message))
    incoming.pipe(through)
  }
  await look()
  const running = looking()
  const server = createServer(forward)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    chosen: () => chosen,
    failures,
    close: async () => {
      stop.abort()
      await running
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      agent.destroy()
    },
  }
}
