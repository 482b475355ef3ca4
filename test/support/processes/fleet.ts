import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Backends } from '../../../shared/backends/backends.ts'
import { backendFields } from '../../../shared/backends/config.ts'
import { openBackends } from '../../../shared/backends/open-backends.ts'
import { systemClock } from '../../../shared/kernel/clock.ts'
import { readConfig } from '../../../shared/kernel/config.ts'
import { systemEntropy } from '../../../shared/kernel/entropy.ts'
import { type Closable, Lifecycle } from '../../../shared/kernel/lifecycle.ts'
import { silentLogger } from '../../../shared/kernel/logger.ts'
import { freePort } from '../servers/server-process.ts'
import {
  awaitReady,
  curfew,
  type Ended,
  type Process,
  type Settings,
  startProcess,
  testRoot,
} from './processes.ts'

/** Where a fleet keeps its data; `null` = LMDB in its folder. */
export type Scale = Readonly<{ brokers: readonly string[]; mongoUrl: string }>
export type Member = Process & Readonly<{ url: string }>
export type Everything = Member & Readonly<{ ordersUrl: string }>
export type User = Readonly<{ username: string; password: string }>

const random = (bytes: number): string => systemEntropy.bytes(bytes).toString('hex')
const serviceSecret = (): string => systemEntropy.bytes(18).toString('base64url')

/** What a secret value is called in the JSON files of keys: private parts, symmetric keys. */
const secretNames = new Set(['d', 'k', 'p', 'q', 'dp', 'dq', 'qi'])
const secretsIn = (value: unknown): string[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([name, inner]) =>
        typeof inner === 'string' && secretNames.has(name) ? [inner] : secretsIn(inner),
      )

/** A token shows itself by its payload or its signature, too; its header is everyone's. */
const tellingParts = (secret: string): string[] => {
  const [, payload, signature, ...more] = secret.split('.')
  if (!payload || signature === undefined || more.length > 0) return [secret]
  return [secret, payload, signature].filter((part) => part.length >= 16)
}

/**
 * One installation: settings, data and keys that its processes share, and what must stay secret.
 */
export class Fleet implements Closable {
  readonly dir: string
  readonly env: Settings
  /** May introspect, revoke and read the feed; for HTTP Basic. */
  readonly service = { id: 'desk', secret: serviceSecret() }
  readonly processes: Process[] = []
  readonly #secrets = new Set<string>()
  readonly #parts = new Lifecycle()
  #backends: Promise<Backends> | undefined

  constructor(dir: string, port: number, scale: Scale | null, settings: Settings) {
    this.dir = dir
    this.env = {
      CURFEW_DATA_DIR: dir,
      CURFEW_LOG_LEVEL: 'debug',
      // No balancer looks at /readyz here, and each stop would wait for one.
      CURFEW_DRAIN: '0',
      CURFEW_PUBLIC_URL: `http://localhost:${port}`,
      CURFEW_SERVICE_CLIENTS: `${this.service.id}:${this.service.secret}:introspect+revoke+feed`,
      CURFEW_INTROSPECT_CLIENT_ID: this.service.id,
      CURFEW_INTROSPECT_CLIENT_SECRET: this.service.secret,
      ...(scale === null
        ? {}
        : {
            CURFEW_KAFKA_BROKERS: scale.brokers.join(','),
            CURFEW_KAFKA_TOPIC_PREFIX: `t-${random(6)}.`,
            CURFEW_MONGODB_URL: scale.mongoUrl,
            CURFEW_MONGODB_DATABASE: `t-${random(6)}`,
          }),
      ...settings,
    }
    this.keepSecret(this.service.secret)
  }

  /** From now on `close` fails when any process of the fleet wrote `text`, before or after. */
  keepSecret(text: string): void {
    for (const part of tellingParts(text)) this.#secrets.add(part)
  }

  /** `curfew gateway`, once it is ready. */
  gateway(over: Settings = {}): Promise<Member> {
    return this.#start('gateway', curfew('gateway'), 'CURFEW_PORT', over)
  }

  projector(over: Settings = {}): Promise<Member> {
    return this.#start('projector', curfew('projector'), 'CURFEW_PORT', over)
  }

  auditor(over: Settings = {}): Promise<Member> {
    return this.#start('auditor', curfew('auditor'), 'CURFEW_PORT', over)
  }

  witness(over: Settings = {}): Promise<Member> {
    return this.#start('witness', curfew('witness'), 'CURFEW_PORT', over)
  }

  orders(gateway: Readonly<{ url: string }>, over: Settings = {}): Promise<Member> {
    const settings = { CURFEW_GATEWAY_URL: gateway.url, ...over }
    return this.#start('orders', curfew('orders'), 'CURFEW_ORDERS_PORT', settings)
  }

  /** A composition root below test/, listening on CURFEW_PORT. */
  root(path: string, over: Settings = {}): Promise<Member> {
    return this.#start(path, testRoot(path), 'CURFEW_PORT', over)
  }

  /** `curfew start`: gateway, projector and orders in one process. */
  async everything(over: Settings = {}): Promise<Everything> {
    const port = await freePort()
    const settings = { CURFEW_ORDERS_PORT: String(port), ...over }
    const ordersUrl = `http://127.0.0.1:${port}`
    const started = await this.#start('start', curfew('start'), 'CURFEW_PORT', settings, [
      ordersUrl,
    ])
    return { ...started, ordersUrl }
  }

  /** Starts a command that ends by itself, or that the caller waits for. */
  command(args: readonly string[], over: Settings = {}, input = ''): Process {
    const env = { ...this.env, ...over }
    const started = startProcess({ name: args.join(' '), args: curfew(...args), env, input })
    this.processes.push(started)
    return started
  }

  /** `curfew users add`. */
  async addUser(username: string, over: Settings = {}): Promise<User> {
    const password = systemEntropy.bytes(15).toString('base64url')
    this.keepSecret(password)
    const adding = this.command(['users', 'add', username, '--password-stdin'], over, password)
    const { code } = await adding.ended
    if (code !== 0) throw new Error(`users add ended with ${code}:\n${adding.output()}`)
    return { username, password }
  }

  /** The same ports as the processes have, in this process; closed with the fleet. */
  backends(): Promise<Backends> {
    this.#backends ??= this.#openBackends()
    return this.#backends
  }

  #openBackends(): Promise<Backends> {
    const config = readConfig(backendFields, this.env)
    return openBackends({
      config,
      clock: systemClock,
      entropy: systemEntropy,
      logger: silentLogger,
      parts: this.#parts,
      service: 'test',
      longestLifetimeMs: 0,
    })
  }

  /** Every SIGTERM at once; how each ended, in the order given. */
  stopAll(members: readonly Process[]): Promise<readonly Ended[]> {
    return Promise.all(members.map((member) => member.stop()))
  }

  /** Secrets that a process wrote, as `<process>: <beginning of the line>`; none, as it must be. */
  async leaks(): Promise<readonly string[]> {
    await this.#keepKeysSecret()
    return this.processes.flatMap(({ name, output }) =>
      output()
        .split('\n')
        .filter((line) => [...this.#secrets].some((secret) => line.includes(secret)))
        .map((line) => `${name}: ${line.slice(0, 300)}`),
    )
  }

  /** Ends all that runs. @throws Error when a process wrote a secret. */
  async close(): Promise<void> {
    await this.#parts.close()
    await Promise.all(this.processes.map((one) => (one.isRunning() ? one.kill9() : one.ended)))
    const leaks = await this.leaks()
    await rm(this.dir, { recursive: true, force: true })
    if (leaks.length > 0) throw new Error(`secrets were written:\n${leaks.join('\n')}`)
  }

  async #start(
    name: string,
    args: readonly string[],
    portSetting: string,
    over: Settings,
    moreUrls: readonly string[] = [],
  ): Promise<Member> {
    const port = over[portSetting] ?? String(await freePort())
    const env = { ...this.env, [portSetting]: port, ...over }
    const started = startProcess({ name, args, env })
    this.processes.push(started)
    const url = `http://127.0.0.1:${port}`
    await awaitReady(started, [url, ...moreUrls])
    return { ...started, url }
  }

  async #keepKeysSecret(): Promise<void> {
    const keys = join(this.dir, 'keys')
    const names = await readdir(keys).catch((): string[] => [])
    // Beside them lie the locks of commands that changed a ring.
    for (const name of names.filter((one) => one.endsWith('.json'))) {
      const content: unknown = JSON.parse(await readFile(join(keys, name), 'utf8'))
      for (const secret of secretsIn(content)) this.keepSecret(secret)
    }
  }
}

/** Runs `work` on a fresh installation, ends all of it, and looks for secrets in what it wrote. */
export const withFleet = async (
  scale: Scale | null,
  work: (fleet: Fleet) => Promise<void>,
  settings: Settings = {},
): Promise<void> => {
  const dir = await mkdtemp(join(tmpdir(), 'curfew-fleet-'))
  const fleet = new Fleet(dir, await freePort(), scale, settings)
  try {
    await work(fleet)
  } catch (error) {
    await fleet.close().catch(() => {}) // The broken claim is the news.
    throw withOutput(error, fleet.processes)
  }
  await fleet.close()
}

const outputShown = 6_000
const isDebugging = (line: string): boolean => line.startsWith('{"level":20')

/** What the processes said last stands beside the claim that broke. */
const withOutput = (error: unknown, processes: readonly Process[]): Error => {
  const said = processes.map(({ name, output }) => {
    const lines = output().split('\n')
    const telling = lines.filter((line) => !isDebugging(line)).join('\n')
    return `--- ${name}\n${telling.slice(-outputShown)}`
  })
  const message = error instanceof Error ? error.message : String(error)
  return new Error(`${message}\n${said.join('\n')}`, { cause: error })
}
