import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Running } from '../../services/embedded/compose.ts'
import type { Guard } from '../../shared/guard/index.ts'
import { guardHttp } from '../../shared/guard/middleware/http.ts'
import { serve } from '../support/serve.ts'
import { openParts, watchRefusal } from './embedded-parts.ts'
import { type GuardReply, type GuardRequest, nothing } from './guard-watch.ts'

/** `port` is that of the streams, once they are served. */
export type StreamReply = GuardReply & Readonly<{ port?: number; open?: number }>
export type StreamRequest = GuardRequest | Readonly<{ kind: 'serve' | 'count' }>

let running: Running | undefined
let streams: Server | undefined
let refusal: Promise<GuardReply> | undefined

const guardOf = (): Guard => {
  const guard = running?.orders[0]?.guard
  if (!guard) throw new Error('not open')
  return guard
}

/** A stream of server-sent events for each caller, until the guard says that it ended. */
const serveStreams = async (guard: Guard): Promise<number> => {
  const callerOf = guardHttp(guard, { cookieName: 'access' })
  const server = createServer(async (req, res) => {
    const caller = await callerOf(req, res)
    if (caller === null) return
    res.setHeader('Content-Type', 'text/event-stream')
    res.write('data: hello\n\n')
    guard.onEnded(caller, () => res.end())
  })
  streams = server
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** The parts of `curfew start` in this process, and a server of streams behind their guard. */
serve<StreamRequest, StreamReply>(
  async (request) => {
    switch (request.kind) {
      case 'open':
        running = await openParts(request.settings)
        return nothing
      case 'serve':
        return { ...nothing, port: await serveStreams(guardOf()) }
      case 'count':
        return { ...nothing, open: guardOf().metrics().openCallers }
      case 'watch':
        refusal = watchRefusal(guardOf(), request.token)
        refusal.catch(() => {}) // Whoever asks for it hears of it.
        return nothing
      case 'refused':
        return (await refusal) ?? nothing
    }
  },
  async () => {
    streams?.closeAllConnections()
    streams?.close()
    await running?.close()
  },
)
