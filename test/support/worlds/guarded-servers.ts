import type { ServerResponse } from 'node:http'
import express from 'express'
import fastify from 'fastify'
import Koa from 'koa'
import type { Guard } from '../../../shared/guard/create-guard.ts'
import { callerOf, guardExpress } from '../../../shared/guard/middleware/express.ts'
import { guardFastify } from '../../../shared/guard/middleware/fastify.ts'
import { guardHttp } from '../../../shared/guard/middleware/http.ts'
import { guardKoa } from '../../../shared/guard/middleware/koa.ts'
import type { GuardHttpOptions } from '../../../shared/guard/middleware/request-judge.ts'
import { listen } from '../../../shared/http/listen.ts'
import type { Closable } from '../../../shared/kernel/lifecycle.ts'

type Asked = Pick<Guard, 'check' | 'freshness'>
export type GuardedServer = Closable & Readonly<{ url: string }>
type Serve = (guard: Asked, options: GuardHttpOptions) => Promise<GuardedServer>

const type = 'application/json; charset=utf-8'
const host = '127.0.0.1'
/** What each of them says behind the guard, whatever the path and the method. */
const said = (caller: unknown): string => JSON.stringify({ caller })

const send = (res: ServerResponse, caller: unknown): void => {
  const text = said(caller)
  res.setHeader('Content-Type', type)
  res.setHeader('Content-Length', Buffer.byteLength(text))
  res.end(text)
}

const serveHttp: Serve = (guard, options) => {
  const ask = guardHttp(guard, options)
  return listen(
    (req, res) => {
      res.setHeader('Vary', 'Origin')
      void ask(req, res).then((caller) => caller && send(res, caller))
    },
    { port: 0, host },
  )
}

const serveKoa: Serve = (guard, options) => {
  const app = new Koa()
  app.use((ctx, next) => {
    ctx.set('Vary', 'Origin')
    return next()
  })
  app.use(guardKoa(guard, options))
  app.use((ctx) => {
    ctx.type = type
    ctx.body = said(ctx.state['caller'])
  })
  return listen(app.callback(), { port: 0, host })
}

const serveExpress: Serve = (guard, options) => {
  const app = express()
  app.disable('x-powered-by')
  app.use((_req, res, next) => {
    res.setHeader('Vary', 'Origin')
    next()
  })
  app.use(guardExpress(guard, options))
  app.use((req, res) => send(res, callerOf(req)))
  return listen(app, { port: 0, host })
}

const serveFastify: Serve = async (guard, options) => {
  const app = fastify()
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('Vary', 'Origin')
  })
  app.addHook('onRequest', guardFastify(guard, options))
  app.all('/*', async (request, reply) => reply.type(type).send(said(callerOf(request))))
  const url = await app.listen({ port: 0, host })
  return { url, close: () => app.close() }
}

/** One server of each kind that there is an adapter for. */
export const servers: Readonly<Record<string, Serve>> = {
  koa: serveKoa,
  express: serveExpress,
  fastify: serveFastify,
  http: serveHttp,
}
