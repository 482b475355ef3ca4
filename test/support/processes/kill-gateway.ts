import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { createUser } from '../../../services/gateway/accounts/create-user.ts'
import { composeGateway } from '../../../services/gateway/compose.ts'
import { gatewayFields } from '../../../services/gateway/config.ts'
import { backendFields } from '../../../shared/backends/config.ts'
import { openBackends } from '../../../shared/backends/open-backends.ts'
import type { NewCommit } from '../../../shared/events/commit.ts'
import { listen } from '../../../shared/http/listen.ts'
import { readConfig } from '../../../shared/kernel/config.ts'
import { Lifecycle } from '../../../shared/kernel/lifecycle.ts'
import { processContext } from '../../../shared/kernel/process/process-context.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import { openKeyFiles } from '../../../shared/tokens/key-rings/key-files.ts'

/**
 * A gateway that ends itself with SIGKILL at one point of the path of one kind of request; a test
 * root, production has no such points. Beside the gateway's settings it reads `KILL_AT`
 * (`<route>:<point>`), and `KILL_USER` and `KILL_PASSWORD`: a user that it makes before it listens.
 */
const points = ['before-append', 'after-append', 'amid-publish', 'after-publish', 'after-mark']
const reasons: Readonly<Record<string, string>> = { logout: 'logout', refresh: 'rotated' }

const [route = '', point = ''] = (process.env['KILL_AT'] ?? '').split(':')
if (!points.includes(point) || reasons[route] === undefined) {
  throw new Error(`KILL_AT is <${Object.keys(reasons).join('|')}>:<${points.join('|')}>`)
}

/** Nothing runs after it: the signal is delivered before the call returns. */
const die = (): Promise<never> => {
  process.kill(process.pid, 'SIGKILL')
  return new Promise(() => {})
}

const isMeant = ({ events }: NewCommit): boolean =>
  events.some((event) => event.type === 'TokenRevoked' && event.data.reason === reasons[route])

/**
 * `target` with some of its methods replaced; a proxy, since a copy of an instance loses its
 * methods.
 */
const replacing = <Port extends object>(target: Port, methods: Partial<Port>): Port =>
  new Proxy(target, {
    get: (port, name) => {
      const replaced = Reflect.get(methods, name)
      if (replaced !== undefined) return replaced
      const member: unknown = Reflect.get(port, name)
      return typeof member === 'function' ? member.bind(port) : member
    },
  })

/** Event ids of the commit that is meant begin with it. */
let meant: string | null = null

const killingStore = (store: EventStore): EventStore =>
  replacing(store, {
    append: async (commit) => {
      if (!isMeant(commit)) return store.append(commit)
      if (point === 'before-append') await die()
      meant = `${commit.id.s}:${commit.id.v}:`
      const answer = await store.append(commit)
      if (point === 'after-append' && answer.outcome === 'appended') await die()
      return answer
    },
    markPublished: async (logId, marks) => {
      await store.markPublished(logId, marks)
      const isMarked = marks.some(({ id }) => `${id.s}:${id.v}:` === meant)
      if (point === 'after-mark' && isMarked) await die()
    },
  })

const killingLog = (log: EventLog): EventLog =>
  replacing(log, {
    publish: async (records) => {
      const ids = records.map(({ headers }) => headers['ce_id'] ?? '')
      const prefix = meant
      const holdsIt = prefix !== null && ids.some((id) => id.startsWith(prefix))
      const publishing = log.publish(records)
      // The request is on its way, or not even that: its fate is unknown.
      if (holdsIt && point === 'amid-publish') setImmediate(() => void die())
      const offsets = await publishing
      if (holdsIt && point === 'after-publish') await die()
      return offsets
    },
  })

/** Answers of the route are held back, so that no point lies behind an answer that was sent. */
const holding =
  (handler: RequestListener): RequestListener =>
  (request: IncomingMessage, response: ServerResponse) => {
    if (request.url === `/${route}`) response.end = () => response
    return handler(request, response)
  }

const main = async (): Promise<void> => {
  const config = readConfig({ ...gatewayFields, ...backendFields }, process.env)
  const context = processContext('kill-gateway', config.logLevel)
  const parts = new Lifecycle()
  const keys = await openKeyFiles({
    dir: config.keysDir ?? join(config.dataDir, 'keys'),
    entropy: context.entropy,
  })
  const backends = await openBackends({
    ...context,
    config,
    parts,
    service: 'kill-gateway',
    longestLifetimeMs: config.accessLifetimeMs,
  })
  const store = killingStore(backends.store())
  const log = killingLog(await backends.log('writer'))
  const directory = backends.directory()
  const [limits, sessions] = [backends.limits(), backends.sessions()]
  const guards = backends.guards()
  const receivers = backends.receivers()
  const state = {
    store,
    log,
    directory,
    limits,
    sessions,
    guards,
    receivers,
    audit: backends.audit(),
    personalKeys: backends.personalKeys(),
  }
  const ports = { ...context, keys, ...state }
  const gateway = await composeGateway(ports, config)
  await gateway.prepared
  const username = process.env['KILL_USER'] ?? ''
  const password = process.env['KILL_PASSWORD'] ?? ''
  await createUser(gateway.rooms, { username, password, roles: [] })
  await listen(holding(gateway.app.callback()), config)
}

await main()
