import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import Koa from 'koa'
import { koaApp } from '../../../shared/http/koa-app.ts'
import { assert, claims } from '../../support/suite.ts'

type Answered = Readonly<{ status?: number; type?: string; body: unknown }>

const served = async (app: Koa) => {
  let answered: Answered = { body: null }
  app.use((ctx) => {
    if (answered.status !== undefined) ctx.status = answered.status
    if (answered.type !== undefined) ctx.type = answered.type
    ctx.body = answered.body
  })
  const server = createServer(app.callback()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const ask = async (method: string, answer: Answered): Promise<unknown> => {
    answered = answer
    const got = await fetch(`http://127.0.0.1:${port}/`, { method })
    const { status, headers } = got
    const shown = [...headers].filter(([name]) => name !== 'date')
    return { status, headers: shown, text: await got.text() }
  }
  return { ask, close: () => new Promise((resolve) => server.close(resolve)) }
}

class Told {
  toJSON(): unknown {
    return { told: true }
  }
}

const bodies: fc.Arbitrary<() => unknown> = fc.oneof(
  fc.jsonValue().map((value) => () => value),
  fc
    .dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: false })
    .map((value) => () => value),
  fc
    .constantFrom<readonly (() => unknown)[]>([
      () => Buffer.from('bytes'),
      () => Readable.from(['a', 'b']),
      () => new Response('of fetch', { headers: { 'x-of': 'fetch' } }),
      () => new Blob(['blob']),
      () => undefined,
      () => new Told(),
      () => new Date(0),
      () => new Map(),
    ])
    .chain((all) => fc.constantFrom(...all)),
)
const answers = fc.record(
  {
    status: fc.constantFrom(200, 201, 204, 304, 400, 500),
    type: fc.constantFrom(
      'application/problem+json',
      'text/plain',
      'json',
      'application/scim+json',
    ),
    method: fc.constantFrom('GET', 'POST', 'HEAD'),
    body: bodies,
  },
  { requiredKeys: ['body', 'method'] },
)

const source = fileURLToPath(new URL('../../../shared/http/koa-app.ts', import.meta.url))
const loader = fileURLToPath(new URL('../../../.ci/typescript.mjs', import.meta.url))

claims('the apps of Koa', {
  'whatever the body, the answer is the one that Koa gives': async () => {
    const [ours, koas] = [await served(koaApp()), await served(new Koa())]
    try {
      await fc.assert(
        fc.asyncProperty(answers, async ({ method, body, ...answer }) => {
          assert.equal(
            await ours.ask(method, { ...answer, body: body() }),
            await koas.ask(method, { ...answer, body: body() }),
          )
        }),
        { numRuns: 200 },
      )
    } finally {
      await ours.close()
      await koas.close()
    }
  },

  'an answer in JSON does not load the HTTP client of Node': () => {
    const script = `
      // An import of it would read every getter of it, and one of them loads the client.
      const { request, createServer } = process.getBuiltinModule('node:http')
      import { koaApp } from ${JSON.stringify(source)}
      const app = koaApp().use((ctx) => { ctx.body = { a: [1] } })
      const server = createServer(app.callback()).listen(0, () => {
        request({ port: server.address().port, agent: false }, (answer) => {
          answer.resume().once('end', () => {
            const loaded = process.moduleLoadList.filter((name) => name.includes('undici/undici'))
            console.log(answer.statusCode, answer.headers['content-type'], ...loaded)
            server.close()
          })
        }).end()
      })`
    const args = ['--import', loader, '--input-type=module', '-e', script]
    const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    assert.is(stdout, '200 application/json; charset=utf-8\n')
  },
})
