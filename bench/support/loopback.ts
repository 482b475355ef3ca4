import { systemClock } from '../../shared/kernel/clock.ts'
import { Lifecycle } from '../../shared/kernel/lifecycle.ts'
import type { LoopbackReply, LoopbackRequest } from '../baseline/loopback.ts'
import type { LoopbackClients } from '../load/loopback-clients.ts'
import { openWorker } from './worker.ts'

/** About a revocation as `GET /feed` sends it. */
const bytes = 600

export type Loopback = Readonly<{ roundMs: () => Promise<number>; close: () => Promise<void> }>

/** A server with so many sockets, whose other ends are shared by so many processes. */
export const openLoopback = async (shares: readonly number[]): Promise<Loopback> => {
  const parts = new Lifecycle()
  const file = '../baseline/loopback.ts'
  const server = await parts.use(openWorker<LoopbackRequest, LoopbackReply>(file))
  const { port } = await server.ask({ kind: 'open' })
  for (const count of shares) {
    const clients = openWorker<LoopbackClients, number>('../load/loopback-clients.ts')
    await (await parts.use(clients)).ask({ port, count, bytes })
  }
  const wanted = shares.reduce((sum, count) => sum + count, 0)
  const roundMs = async (): Promise<number> => (await server.ask({ kind: 'round', bytes })).ms
  // The last connection may be at its client before it is at the server.
  while ((await server.ask({ kind: 'round', bytes })).sockets < wanted) await systemClock.sleep(5)
  return { roundMs, close: () => parts.close() }
}
