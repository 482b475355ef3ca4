import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Closable } from '../../../shared/kernel/lifecycle.ts'
import { namedBlock } from '../documents/code-blocks.ts'
import { payloadOf } from '../requests/visitor.ts'
import { freePort, newDataFolder, startServer } from '../servers/server-process.ts'
import { assert } from '../suite.ts'
import { until } from '../until.ts'
import { inBothClocks, type Pair, type RecipeWorld } from './recipe-world.ts'

/** Which block of a page is which file. */
export type PageFiles = Readonly<{ page: string; files: Readonly<Record<string, string>> }>

/** Writes the blocks as they are printed. */
export const writePage = (dir: string, { page, files }: PageFiles): void => {
  for (const [block, file] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, file)), { recursive: true })
    writeFileSync(join(dir, file), namedBlock(page, block))
  }
}

/** The lines of a block of commands. */
export const commandsOf = (page: string, block: string): string[] =>
  namedBlock(page, block).trimEnd().split('\n')

export type Service = Closable & Readonly<{ url: string }>
type Program = Readonly<{ dir: string; command: string; env?: NodeJS.ProcessEnv }>
type Started = Program & Readonly<{ env: NodeJS.ProcessEnv }>

const proxies = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'JAVA_TOOL_OPTIONS']

/** This environment without what leads requests to this machine elsewhere. */
const plainEnv = (): NodeJS.ProcessEnv => {
  const env = { ...process.env }
  for (const name of proxies) delete env[name]
  return env
}

/** The last command of a page, which stays: a service on a free port, by the environment. */
const startService = async ({ dir, command, env }: Started): Promise<Service> => {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const control = await startServer({
    command: 'sh',
    args: ['-c', `exec ${command}`],
    dir: newDataFolder('recipe'),
    cwd: dir,
    env: { ...plainEnv(), ...env, PORT: String(port) },
    ready: async () => void (await fetch(url)),
  })
  return { url, close: () => control.stop() }
}

/** Services of these programs beside a gateway, all started at once; ended whatever happens. */
export const withServices = async (
  { env }: RecipeWorld,
  programs: readonly Program[],
  prove: (services: readonly Service[]) => Promise<unknown>,
): Promise<void> => {
  const started = await Promise.allSettled(
    programs.map((program) => startService({ ...program, env: { ...env, ...program.env } })),
  )
  const services = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  try {
    for (const one of started) if (one.status === 'rejected') throw one.reason
    await prove(services)
  } finally {
    await Promise.all(services.map((service) => service.close()))
  }
}

/** Commands of a page that end. Rejects with what they printed. */
export const runCommands = async (dir: string, commands: readonly string[]): Promise<void> => {
  await promisify(execFile)('sh', ['-ec', commands.join('\n')], { cwd: dir, timeout: 280_000 })
}

type Said = Readonly<{ status: number; body: unknown }>

const ask = async ({ url }: Service, token: string | null): Promise<Said> => {
  const headers = token === null ? {} : { authorization: `Bearer ${token}` }
  const answer = await fetch(`${url}/me`, { headers })
  const text = await answer.text()
  return { status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : text }
}

const forgedOf = (token: string): string => {
  const [head, , signature] = token.split('.')
  const payload = { ...payloadOf(token), sub: 'admin', roles: ['admin'] }
  return [head, Buffer.from(JSON.stringify(payload)).toString('base64url'), signature].join('.')
}

type Promised = Readonly<{
  isHearing: boolean
  /** What it says of a caller; their id and roles without it. */
  says?: (sub: string) => object
}>

const idAndRoles = (sub: string): object => ({ you: sub, roles: ['buyer'] })

/**
 * What every page promises of `GET /me`: a token of just now is taken, others are refused, and one
 * that was logged out is refused: at once where the service asks, soon where it hears. `isHearing`
 * services are beside a gateway that answers them no question (`hearsAlone`), and may not have
 * caught up at first.
 */
export const provesItself = async (
  world: RecipeWorld,
  service: Service,
  { isHearing, says = idAndRoles }: Promised,
): Promise<void> => {
  const isLetIn = (said: Said, { access }: Pair): void =>
    assert.equal(said, { status: 200, body: says(payloadOf(access).sub) })
  const [gone, kept] = [await world.obtain(), await world.obtain()]
  if (isHearing) {
    await until('it hears', async () => (await ask(service, kept.access)).status === 200)
  }
  isLetIn(await ask(service, kept.access), kept)
  isLetIn(await ask(service, gone.access), gone)
  for (const bad of [null, 'abc', 'a.b.c', kept.refresh, forgedOf(kept.access)]) {
    assert.is((await ask(service, bad)).status, 401, String(bad))
  }
  await world.logOut(gone)
  if (isHearing) {
    await until('it is refused', async () => (await ask(service, gone.access)).status === 401)
  }
  assert.is((await ask(service, gone.access)).status, 401)
  isLetIn(await ask(service, kept.access), kept)
}

/** Where nobody answers, services say so and let nobody in. */
const sayUnavailable = async (world: RecipeWorld, services: readonly Service[]): Promise<void> => {
  const { access } = await world.obtain()
  await world.close()
  for (const service of services) assert.is((await ask(service, access)).status, 503)
}

/** What a page promises whose services ask Curfew about every token. */
export const askersProveThemselves = (programs: readonly Program[]): Promise<void> =>
  inBothClocks((world) =>
    withServices(world, programs, async (services) => {
      for (const service of services) await provesItself(world, service, { isHearing: false })
      await sayUnavailable(world, services)
    }),
  )
