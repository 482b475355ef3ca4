import { createServer } from 'node:http'
import { attachGuard } from '../../../shared/guard/attach.ts'
import { guardHttp } from '../../../shared/guard/middleware/http.ts'
import { Lifecycle } from '../../../shared/kernel/lifecycle.ts'
import { signAccess } from '../../../shared/tokens/signing/sign-token.ts'
import { accessClaims, accessRing } from '../../support/fakes/sample-tokens.ts'
import { newJar, tokenIn } from '../../support/processes/browser.ts'
import { sendHttp } from '../../support/requests/http-send.ts'
import { freePort } from '../../support/servers/server-process.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { clientId, openGateway, password, secret } from '../../support/worlds/attached-consumer.ts'

const serve = async (parts: Lifecycle, gateway: string): Promise<string> => {
  const guard = await parts.use(
    await attachGuard({ gateway, clientId, secret, onStale: 'introspect' }),
  )
  assert.is(guard.ready(), false)
  const ask = guardHttp(guard)
  const server = createServer(async (request, response) => {
    const caller = await ask(request, response)
    if (caller) response.end('in')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  await parts.use({
    close: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port')
  return `http://127.0.0.1:${address.port}`
}

claims('a service that starts before its gateway', {
  'answers 503 until it is there, then lets callers in and refuses who logged out': async () => {
    const parts = new Lifecycle()
    try {
      const port = await freePort()
      const url = await serve(parts, `http://localhost:${port}`)
      const ask = (token: string) =>
        sendHttp(url, { method: 'GET', headers: { cookie: `access=${token}` } })
      const early = await ask(signAccess(accessRing, accessClaims()))
      assert.equal([early.status, early.headers['retry-after']], [503, '1'])

      const { browser } = await openGateway(parts, port)
      const jar = newJar()
      assert.is((await browser.login(jar, 'alice', password)).status, 200)
      const token = tokenIn(jar, 'access') ?? ''
      await until('the guard has found its gateway', async () => (await ask(token)).status === 200)
      await until('the gateway lists it', async () => {
        const credentials = Buffer.from(`${clientId}:${secret}`).toString('base64')
        const headers = { authorization: `Basic ${credentials}` }
        const { body } = await sendHttp(`${browser.url}/guards`, { method: 'GET', headers })
        return JSON.stringify(body).includes(`"name":"${clientId}"`)
      })
      assert.is((await browser.logout(jar)).status, 200)
      await until('the token is refused', async () => (await ask(token)).status === 401)
    } finally {
      await parts.close()
    }
  },
})
