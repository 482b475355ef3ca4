import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Env } from '../../../shared/kernel/config.ts'
import { errorCode } from '../../../shared/kernel/error-code.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import {
  type ProcessContext,
  processContext,
} from '../../../shared/kernel/process/process-context.ts'
import { type Running, startEverything } from '../../embedded/compose.ts'
import { readEmbeddedConfig } from '../../embedded/config.ts'
import { createUser } from '../../gateway/accounts/index.ts'
import { type Answer, call, type Jar, jtiOf } from './demo-client.ts'

const guardsCount = 3
const racers = 32
const patienceMs = 15_000

const say = (text = ''): void => {
  process.stdout.write(`${text}\n`)
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })

type User = Readonly<{ username: string; password: string }>

const login = async ({ gatewayUrl }: Running, user: User): Promise<Jar> => {
  const jar: Jar = new Map()
  const answer = await call('POST', `${gatewayUrl}/login`, jar, { body: user })
  if (answer.status !== 200)
    throw new Error(`the login was answered ${answer.status}: ${answer.text}`)
  return jar
}

/** Asks until the service refuses; the instant of that answer. */
const refusedAt = async (url: string, stolen: ReadonlyMap<string, string>): Promise<Answer> => {
  const startedMs = performance.now()
  for (;;) {
    const answer = await call('GET', url, stolen, { frozen: true })
    if (answer.status !== 200) return answer
    if (performance.now() - startedMs > patienceMs) throw new Error(`${url} never refused`)
  }
}

const showLogout = async (running: Running, user: User): Promise<void> => {
  const jar = await login(running, user)
  const stolen: ReadonlyMap<string, string> = new Map(jar)
  const urls = running.orders.map(({ url }) => `${url}/orders`)
  const before = await Promise.all(urls.map((url) => call('GET', url, stolen, { frozen: true })))
  say(
    `1. ${user.username} logs in and calls ${urls.length} services, each with a guard of its own:`,
  )
  say(`     ${before.map(({ status }) => status).join('   ')}`)
  const watching = urls.map((url) => refusedAt(url, stolen))
  const out = await call('POST', `${running.gatewayUrl}/logout`, jar)
  say(`2. ${user.username} logs out: ${out.status} ${out.text}`)
  say(`     Revocation-Status: ${out.headers.get('revocation-status')}`)
  say('3. a thief goes on with the stolen access token (valid for 15 more minutes):')
  for (const [index, refused] of (await Promise.all(watching)).entries()) {
    const ms = refused.atMs - out.atMs
    const when = ms <= 0 ? `${(-ms).toFixed(1)} ms before` : `${ms.toFixed(1)} ms after`
    say(`     service ${index + 1}: ${refused.status}, first refused ${when} the logout’s answer`)
  }
}

const showRace = async (running: Running, user: User): Promise<void> => {
  const jar = await login(running, user)
  const presented: ReadonlyMap<string, string> = new Map(jar)
  const answers = await Promise.all(
    Array.from({ length: racers }, async () => {
      const own: Jar = new Map(presented)
      const { status } = await call('POST', `${running.gatewayUrl}/refresh`, own)
      return { status, jti: jtiOf(own.get('refresh') ?? own.get('__Secure-refresh') ?? '') }
    }),
  )
  const successors = new Set(answers.filter(({ status }) => status === 200).map(({ jti }) => jti))
  say(`4. ${racers} refreshes of one token at once:`)
  say(`     answered 200: ${answers.filter(({ status }) => status === 200).length}`)
  say(`     successors:   ${successors.size}`)
}

const temporaryFolder = (): Promise<string> =>
  mkdtemp(join(tmpdir(), 'curfew-demo-')).catch((cause: unknown) => {
    const problem = `${tmpdir()} cannot be written to (${errorCode(cause)})`
    const text = `${problem}: the demonstration keeps its data there. TMPDIR names another folder`
    throw new AuthError('CONFIG_INVALID', text, { cause })
  })

type Demo = Readonly<{ running: Running; context: ProcessContext }>

/** Everything, with so many services, on throw-away data, for as long as `show` takes. */
export const inDemo = async (
  env: Env,
  ordersCount: number,
  show: (demo: Demo) => Promise<void>,
): Promise<void> => {
  const dataDir = await temporaryFolder()
  const port = String(await freePort())
  const config = readEmbeddedConfig({
    CURFEW_LOG_LEVEL: 'error',
    ...env,
    CURFEW_DATA_DIR: dataDir,
    CURFEW_PORT: port,
    CURFEW_ORDERS_PORT: '0',
    CURFEW_BASE_PATH: '/',
    CURFEW_PUBLIC_URL: `http://localhost:${port}`,
    // Topics and database of its own, so that a demonstration never touches a fleet's.
    CURFEW_KAFKA_TOPIC_PREFIX: `demo-${port}-`,
    CURFEW_MONGODB_DATABASE: `curfew-demo-${port}`,
  })
  const context = processContext('demo', config.logLevel)
  say(`starting gateway, projector and ${ordersCount} services …`)
  const running = await startEverything({ config, context, ordersCount })
  try {
    say(`ready, on ${running.backend}\n`)
    await show({ running, context })
  } finally {
    await running.close()
    await rm(dataDir, { recursive: true, force: true })
  }
}

/** `curfew demo`: what Curfew is for, in half a minute, on throw-away data. */
export const runDemo = (env: Env): Promise<void> =>
  inDemo(env, guardsCount, async ({ running, context }) => {
    const user = { username: 'alice', password: context.entropy.bytes(15).toString('base64url') }
    await createUser(running.gateway.rooms, { ...user, roles: [] })
    await showLogout(running, user)
    await showRace(running, user)
  })
