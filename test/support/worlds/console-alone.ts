import { type RequestListener, request } from 'node:http'
import {
  createConsoleApp,
  GatewayDoor,
  GatewayWatch,
} from '../../../services/console/alone/index.ts'
import { Drain } from '../../../shared/http/drain.ts'
import { listen } from '../../../shared/http/listen.ts'
import { systemClock } from '../../../shared/kernel/clock.ts'
import { type Closable, Lifecycle } from '../../../shared/kernel/lifecycle.ts'
import { silentLogger } from '../../../shared/kernel/logger.ts'
import { type StubGateway, startStubGateway } from '../servers/stub-gateway.ts'

export type ConsoleAlone = Closable & Readonly<{ url: string; watch: GatewayWatch }>

type Where = Readonly<{ silenceMs?: number; withinMs?: number }>

/** A console alone of this gateway, in this process, as `curfew console` composes it. */
export const startConsoleAlone = async (
  gatewayUrl: string,
  { silenceMs, withinMs = 1_000 }: Where = {},
): Promise<ConsoleAlone> => {
  const parts = new Lifecycle()
  const gateway = new URL(gatewayUrl)
  const base = gateway.pathname.replace(/\/+$/, '')
  const logger = silentLogger
  const watch = await parts.use(new GatewayWatch({ gateway, withinMs, clock: systemClock, logger }))
  const door = new GatewayDoor({ gateway, ...(silenceMs !== undefined && { silenceMs }) })
  const health = () => ({ gateway: watch.health() })
  const app = createConsoleApp({ base, door, watch, health, logger })
  const at = { port: 0, host: '127.0.0.1' }
  const server = await parts.use(listen(app.callback(), at, new Drain()))
  await parts.use(door)
  return { url: server.url, watch, close: () => parts.close() }
}

/** Beside something that says it is a gateway, and answers as `answer` does. */
export const withStub = async (
  answer: RequestListener,
  prove: (stub: StubGateway, alone: ConsoleAlone) => Promise<void>,
  { cookieName = 'access', silenceMs = 30_000 } = {},
): Promise<void> => {
  const parts = new Lifecycle()
  try {
    const stub = await parts.use(await startStubGateway(answer, cookieName))
    await prove(stub, await parts.use(startConsoleAlone(stub.url, { silenceMs })))
  } finally {
    await parts.close()
  }
}

/** What comes of a stream, and how it ends. */
export const followTail = ({ url }: Pick<ConsoleAlone, 'url'>) => {
  const seen = { text: '', end: '', headers: '' }
  const asked = request(`${url}/audit/tail`, { agent: false }, (answer) => {
    seen.headers = String(answer.headers['content-type'])
    answer.setEncoding('utf8').on('data', (more: string) => {
      seen.text += more
    })
    answer.on('end', () => Object.assign(seen, { end: 'ended' }))
    answer.on('error', () => Object.assign(seen, { end: 'broken off' }))
  })
  asked.on('error', () => {}).end()
  return { seen, drop: () => asked.destroy() }
}
