import { type ClientRequest, get, type IncomingMessage, type RequestListener } from 'node:http'
import type { Server } from 'node:net'
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type Koa from 'koa'
import { WebSocket } from 'ws'
import type { Guard } from '../../../shared/guard/create-guard.ts'
import { listen } from '../../../shared/http/listen.ts'
import type { Closable } from '../../../shared/kernel/lifecycle.ts'
import { docModule } from '../documents/doc-module.ts'

/** A connection of somebody's that stays open until the server ends it. */
export type OpenStream = { readonly token: string; isEnded: boolean; how: string; drop(): void }

type Server5 = Closable & Readonly<{ url: string }>
type Example = Readonly<{
  serve: (guard: Guard) => Promise<Server5>
  connect: (url: string, token: string) => Promise<OpenStream>
}>

const page = 'docs/guard.md'
const at = { port: 0, host: '127.0.0.1' }

/** What the example of that name on the page exports. */
const opened = async <Opened>(name: string, ...args: unknown[]): Promise<Opened> => {
  const { open } = (await docModule(page, name)) as { open: (...args: unknown[]) => Opened }
  return open(...args)
}

const authorized = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

const answered = (request: ClientRequest): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    request.once('response', resolve).once('error', reject)
  })

/** Resolves when the first bytes are here. */
const overHttp = async (url: string, token: string): Promise<OpenStream> => {
  const request = get(`${url}/events`, { ...authorized(token), agent: false })
  const response = await answered(request)
  if (response.statusCode !== 200) throw new Error(`answered ${response.statusCode}`)
  const stream = { token, isEnded: false, how: '', drop: () => void request.destroy() }
  const ended = (how: string) => (): void => {
    if (!stream.isEnded) Object.assign(stream, { isEnded: true, how })
  }
  response.once('end', ended('ended')).once('error', ended('cut'))
  await new Promise<void>((resolve) => response.once('data', () => resolve()))
  return stream
}

/** Resolves when the socket is open and was echoed a message. */
const overWebSocket = async (url: string, token: string): Promise<OpenStream> => {
  const socket = new WebSocket(url.replace('http', 'ws'), {
    ...authorized(token),
    origin: 'https://app.example',
  })
  const stream = { token, isEnded: false, how: '', drop: () => socket.terminate() }
  socket.on('close', (code, reason) => {
    Object.assign(stream, { isEnded: true, how: `${code} ${reason.toString()}` })
  })
  await new Promise((resolve, reject) => {
    socket.once('error', reject).once('open', () => socket.send('hello'))
    socket.once('message', resolve)
  })
  return stream
}

/** Bytes now, and none any more. */
const endless = (): Readable => {
  const source = new Readable({ read: () => {} })
  source.push('the first part')
  return source
}

const serveServer = (server: Server): Promise<Server5> =>
  new Promise((resolve) => {
    server.listen(at.port, at.host, () => {
      const { port } = server.address() as { port: number }
      const close = (): Promise<void> => new Promise((done) => void server.close(() => done()))
      resolve({ url: `http://127.0.0.1:${port}`, close })
    })
  })

/** One of each kind on the page, with a client for it. */
export const examples: Readonly<Record<string, Example>> = {
  koa: {
    serve: async (guard) => listen((await opened<Koa>('koa-stream', guard)).callback(), at),
    connect: overHttp,
  },
  express: {
    serve: async (guard) => listen(await opened<RequestListener>('express-stream', guard), at),
    connect: overHttp,
  },
  fastify: {
    serve: async (guard) => {
      const app = await opened<FastifyInstance>('fastify-stream', guard)
      return { url: await app.listen(at), close: () => app.close() }
    },
    connect: overHttp,
  },
  'node:http': {
    serve: async (guard) => serveServer(await opened<Server>('http-stream', guard, endless)),
    connect: overHttp,
  },
  ws: {
    serve: async (guard) => serveServer(await opened<Server>('ws-stream', guard)),
    connect: overWebSocket,
  },
}
