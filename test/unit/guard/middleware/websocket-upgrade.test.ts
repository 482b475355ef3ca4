import { createServer, request } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Caller } from '../../../../shared/guard/api/caller.ts'
import { type GuardUpgradeOptions, guardUpgrade } from '../../../../shared/guard/middleware/http.ts'
import { signAccess } from '../../../../shared/tokens/signing/sign-token.ts'
import { accessClaims, accessRing } from '../../../support/fakes/sample-tokens.ts'
import { assert, claims } from '../../../support/suite.ts'
import { until } from '../../../support/until.ts'
import { freshGuard, type Guarded } from '../../../support/worlds/guarded.ts'

type Headers = Readonly<Record<string, string>>
type Answer = Readonly<{ status: number; body: Record<string, unknown>; headers: unknown }>
type World = Guarded &
  Readonly<{ port: number; callers: (Caller | null)[]; ask: (headers: Headers) => Promise<Answer> }>

const upgradeHeaders = { connection: 'Upgrade', upgrade: 'websocket' }
const token = signAccess(accessRing, accessClaims())
const cookie = `access=${token}`
const authorization = `Bearer ${token}`

const asker =
  (port: number) =>
  (headers: Headers): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const asked = request({ port, headers: { ...upgradeHeaders, ...headers }, agent: false })
      asked.once('error', reject).end()
      asked.once('upgrade', (_response, socket) => {
        socket.destroy()
        resolve({ status: 101, body: {}, headers: {} })
      })
      asked.once('response', async (response) => {
        const text = (await response.toArray()).join('')
        const { statusCode: status = 0, headers: shown } = response
        resolve({ status, body: JSON.parse(text) as Record<string, unknown>, headers: shown })
      })
    })

/** A server that lets callers in and does nothing for them. */
const inWorld = async (
  prove: (world: World) => Promise<void>,
  options: GuardUpgradeOptions = {},
): Promise<void> => {
  const guarded = await freshGuard()
  const callerOf = guardUpgrade(guarded.guard, { cookieName: 'access', ...options })
  const callers: (Caller | null)[] = []
  const sockets: Duplex[] = []
  const server = createServer()
  server.on('upgrade', async (req, socket: Duplex) => {
    sockets.push(socket)
    const caller = await callerOf(req, socket)
    callers.push(caller)
    if (caller)
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      )
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  try {
    await prove({ ...guarded, port, callers, ask: asker(port) })
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
    await guarded.guard.close()
  }
}

claims('the guard before an upgrade', {
  'lets callers in by header or cookie, and answers others as it answers requests': () =>
    inWorld(async ({ ask, callers, feed }) => {
      for (const headers of [{ authorization }, { cookie }] as Headers[]) {
        assert.is((await ask(headers)).status, 101)
      }
      assert.equal(
        callers.map((caller) => caller?.claims.sub),
        [...Array.from({ length: 2 }, () => callers[0]?.claims.sub)],
      )
      const none = await ask({})
      assert.equal(
        [none.status, none.body],
        [401, { detail: 'Authentication credentials were not provided.' }],
      )
      assert.is((await ask({ cookie: `${cookie}; access=b` })).status, 400)
      feed.revoke('all', 100)
      const revoked = await ask({ authorization })
      assert.equal([revoked.status, revoked.body['code']], [401, 'token_not_valid'])
      assert.is((revoked.headers as Headers)['www-authenticate'], 'Bearer realm="api"')
      assert.equal(callers.slice(2), [null, null, null])
    }),

  // asvs: 4.4.2
  'refuses pages of other origins with the cookie, and asks nobody else for an origin':
    async () => {
      await inWorld(async ({ ask, port }) => {
        const own = `http://127.0.0.1:${port}`
        const host = { host: `127.0.0.1:${port}`, cookie }
        assert.is((await ask({ ...host, origin: own })).status, 101)
        assert.is((await ask({ origin: 'https://evil.example', authorization })).status, 101)
        for (const origin of [
          'https://evil.example',
          'null',
          '',
          `${own}.evil.example`,
          'file://',
        ]) {
          for (const more of [{}, { authorization: 'Basic YTpi' }] as Headers[]) {
            const { status, body } = await ask({ ...host, ...more, origin })
            assert.equal([status, body['code']], [403, 'origin_refused'], origin)
          }
        }
      })
      await inWorld(
        async ({ ask, port }) => {
          assert.is((await ask({ cookie, origin: 'https://app.example' })).status, 101)
          assert.is((await ask({ cookie, origin: `http://127.0.0.1:${port}` })).status, 403)
        },
        { origins: ['https://app.example'] },
      )
    },

  'a socket that breaks while its token is judged ends no process, and has no caller': () =>
    inWorld(async ({ port, callers, guard }) => {
      const lines = Object.entries({ ...upgradeHeaders, authorization, host: 'a' })
      const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
      for (let count = 0; count < 20; count += 1) {
        const socket = connect(port, '127.0.0.1')
        socket.on('error', () => {})
        await new Promise<void>(
          (done) => void socket.write(`GET / HTTP/1.1\r\n${head}\r\n`, () => done()),
        )
        socket.resetAndDestroy()
      }
      await until('all were judged', () => callers.length === 20)
      for (const caller of callers) caller?.signal.aborted
      await until('nobody waits', () => guard.metrics().openCallers === 0)
    }),
})
