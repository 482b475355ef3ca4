import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEverything } from '../../../services/embedded/compose.ts'
import { readEmbeddedConfig } from '../../../services/embedded/config.ts'
import { createUser } from '../../../services/gateway/accounts/create-user.ts'
import { Lifecycle } from '../../../shared/kernel/lifecycle.ts'
import { processContext } from '../../../shared/kernel/process/process-context.ts'
import { browserAt, newJar, tokenIn } from '../processes/browser.ts'
import { sendHttp } from '../requests/http-send.ts'
import { freePort } from '../servers/server-process.ts'
import { assert } from '../suite.ts'
import { until } from '../until.ts'

export const [clientId, secret] = ['orders', 'a-secret-of-the-consumer']
export const password = 'correct horse battery'

/** A gateway with its feed on one port, as `curfew start` serves them; `alice` may log in. */
export const openGateway = async (parts: Lifecycle, given?: number) => {
  const dir = mkdtempSync(join(tmpdir(), 'curfew-attached-'))
  await parts.use({ close: () => rm(dir, { recursive: true, force: true }) })
  const port = given ?? (await freePort())
  const config = readEmbeddedConfig({
    CURFEW_DATA_DIR: dir,
    CURFEW_PORT: String(port),
    CURFEW_ORDERS_PORT: '0',
    CURFEW_PUBLIC_URL: `http://localhost:${port}`,
    CURFEW_SERVICE_CLIENTS: `${clientId}:${secret}:introspect+feed+revoke`,
  })
  const context = processContext('test', 'silent')
  const running = await parts.use(startEverything({ config, context }))
  await createUser(running.gateway.rooms, { username: 'alice', password, roles: [] })
  return { gateway: `http://localhost:${port}`, browser: browserAt(running.gatewayUrl) }
}

/** Told to deny, so that what it refuses it heard by the feed. It ends with its input. */
const service = (gateway: string): string => `
process.stdin.resume().on('end', () => process.exit())
const asked = { clientId: '${clientId}', secret: '${secret}', onStale: 'deny' }
attachGuard({ gateway: '${gateway}', ...asked }).then((guard) => {
  const ask = guardHttp(guard)
  const server = createServer(async (req, res) => {
    const caller = await ask(req, res)
    if (caller) res.end(JSON.stringify(caller.claims.sub))
  })
  server.listen(0, '127.0.0.1', () => console.log(server.address().port))
})
`
const imported = `
import { createServer } from 'node:http'
import { attachGuard } from 'curfew-guard'
import { guardHttp } from 'curfew-guard/http'
`
const required = `
const { createServer } = require('node:http')
const { attachGuard } = require('curfew-guard')
const { guardHttp } = require('curfew-guard/http')
`

const ended = async (child: ChildProcess): Promise<void> => {
  child.stdin?.end()
  if (child.exitCode === null) await once(child, 'exit')
}

const serve = async (parts: Lifecycle, app: string, file: string, text: string) => {
  writeFileSync(join(app, file), text)
  const stdio: ['pipe', 'pipe', 'inherit'] = ['pipe', 'pipe', 'inherit']
  const child = spawn(process.execPath, [file], { cwd: app, stdio })
  await parts.use({ close: () => ended(child) })
  const [line] = (await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => Promise.reject(new Error(`${file} ended`))),
  ])) as [Buffer]
  return `http://127.0.0.1:${String(line).trim()}`
}

/**
 * A gateway here, and services in `app` that know the package alone: both let a caller in, and
 * refuse the token once its session was logged out.
 */
export const attachesAndRefuses = async (app: string): Promise<void> => {
  const parts = new Lifecycle()
  try {
    const { gateway, browser } = await openGateway(parts)
    const urls = [
      await serve(parts, app, 'attached.mjs', `${imported}${service(gateway)}`),
      await serve(parts, app, 'attached.cjs', `${required}${service(gateway)}`),
    ]
    const jar = newJar()
    assert.is((await browser.login(jar, 'alice', password)).status, 200)
    const headers = { cookie: `access=${tokenIn(jar, 'access')}` }
    const ask = (url: string) => sendHttp(url, { method: 'GET', headers })
    for (const url of urls) {
      await until('the guard has caught up', async () => (await ask(url)).status === 200)
    }
    assert.is((await browser.logout(jar)).status, 200)
    for (const url of urls) {
      await until('the token is refused', async () => (await ask(url)).status === 401)
      assert.match(JSON.stringify((await ask(url)).body), 'Token is blacklisted')
    }
  } finally {
    await parts.close()
  }
}
