import { request } from 'node:http'
import { sendHttp } from '../support/requests/http-send.ts'
import { assert, claims } from '../support/suite.ts'
import { until } from '../support/until.ts'
import { followTail, withStub } from '../support/worlds/console-alone.ts'

claims('streams of a console alone', {
  'come as they are written, and end with the browser, with the gateway, and with the console':
    async () => {
      const open = new Set<object>()
      const say: (() => void)[] = []
      await withStub(
        (_request, response) => {
          open.add(response)
          response.on('close', () => open.delete(response))
          response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
          say.push(() => response.write('data: 1\n\n'))
        },
        async (stub, alone) => {
          const [first, second] = [followTail(alone), followTail(alone)]
          await until('both are open', async () => open.size === 2)
          await until('headers are here', async () => second.seen.headers === 'text/event-stream')
          for (const one of say) one()
          await until('it came', async () => second.seen.text === 'data: 1\n\n')
          first.drop()
          await until('the gateway has one reader less', async () => open.size === 1)
          await stub.close()
          await until('it is broken off', async () => second.seen.end === 'broken off')
        },
      )
      await withStub(
        (_request, response) => {
          open.add(response)
          response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
        },
        async (_stub, alone) => {
          const third = followTail(alone)
          await until('it came', async () => third.seen.text === 'data: 1\n\n')
          await alone.close()
          await until('it ends as a whole', async () => third.seen.end === 'ended')
        },
      )
    },

  'end with the console, and what is on its way to the gateway is answered all the same': () => {
    const held: (() => void)[] = []
    return withStub(
      ({ method }, response) => {
        if (method === 'GET') response.end('{}')
        else held.push(() => response.end('{"done":true}'))
      },
      async (_stub, alone) => {
        await sendHttp(`${alone.url}/me`, { method: 'GET' })
        const writing = sendHttp(`${alone.url}/revocations`, { method: 'POST', json: {} })
        await until('the gateway has it', async () => held.length === 1)
        const closing = alone.close()
        for (const answer of held) answer()
        const { status, body } = await writing
        assert.equal([status, body], [200, '{"done":true}'])
        await closing
      },
    )
  },

  'are written no faster than the browser reads': async () => {
    const parts = 1_024
    let written = 0
    let isHeldBack = false
    await withStub(
      ({ url }, response) => {
        if (url !== '/audit/tail') {
          response.end('{}')
          return
        }
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        const part = Buffer.alloc(65_536, 'x')
        const more = (): void => {
          while (written < parts) {
            written += 1
            if (response.write(part)) continue
            isHeldBack = true
            response.once('drain', more)
            return
          }
        }
        more()
      },
      async (_stub, alone) => {
        const { hostname, port } = new URL(alone.url)
        const sent = request({ path: '/audit/tail', hostname, port, agent: false }, (answer) => {
          answer.pause()
        })
        sent.on('error', () => {}).end()
        await until('the gateway waits', async () => isHeldBack)
        for (let nth = 0; nth < 200; nth += 1) await sendHttp(`${alone.url}/me`, { method: 'GET' })
        assert.ok(written < parts, 'it waits for the browser')
        sent.destroy()
      },
    )
  },
})
