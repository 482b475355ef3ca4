import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEverything } from '../../../services/embedded/compose.ts'
import { readEmbeddedConfig } from '../../../services/embedded/config.ts'
import { createUser } from '../../../services/gateway/accounts/create-user.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import type { Env } from '../../../shared/kernel/config.ts'
import { type Closable, Lifecycle } from '../../../shared/kernel/lifecycle.ts'
import { processContext } from '../../../shared/kernel/process/process-context.ts'
import { shiftedClock } from '../fakes/shifted-clock.ts'
import { posted } from '../requests/posted.ts'
import { freePort } from '../servers/server-process.ts'
import { until } from '../until.ts'

export type Pair = Readonly<{ access: string; refresh: string }>

/** What the programs of the pages read. The secret has all that encodings give a meaning to. */
export type RecipeEnv = Readonly<{ AUTH_URL: string; AUTH_CLIENT: string; AUTH_SECRET: string }>

/** A gateway with its feed on one port, as `curfew start` has them, and `alice`. */
export type RecipeWorld = Closable &
  Readonly<{
    env: RecipeEnv
    clock: Clock
    /** The tokens of a new session; `iat` is as far ahead of a clock that is behind as it gets. */
    obtain(): Promise<Pair>
    logOut(pair: Pair): Promise<void>
  }>

const [client, secret] = ['orders', 'a+b%2Bc:d/e=f&g%zz-long']
/** A client that may not ask: whatever its services refuse after a logout, they heard. */
export const hearsAlone = { CURFEW_SERVICE_CLIENTS: `${client}:${secret}:feed` } as const
const user = { username: 'alice', password: 'correct horse battery' }

const openRecipeWorld = async (aheadMs: number, over: Env): Promise<RecipeWorld> => {
  const parts = new Lifecycle()
  const dir = mkdtempSync(join(tmpdir(), 'curfew-recipes-'))
  await parts.use({ close: () => rm(dir, { recursive: true, force: true }) })
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const config = readEmbeddedConfig({
    CURFEW_DATA_DIR: dir,
    CURFEW_PORT: String(port),
    CURFEW_ORDERS_PORT: '0',
    CURFEW_PUBLIC_URL: url,
    CURFEW_SERVICE_CLIENTS: `${client}:${secret}:introspect+feed+revoke`,
    CURFEW_STATUS_LIST: 'true',
    ...over,
  })
  const clock = shiftedClock(aheadMs)
  const context = { ...processContext('test', 'silent'), clock }
  const running = await parts.use(startEverything({ config, context }))
  const email = 'alice@example.com'
  await createUser(running.gateway.rooms, { ...user, email, roles: ['buyer'] })
  return {
    env: { AUTH_URL: url, AUTH_CLIENT: client, AUTH_SECRET: secret },
    clock,
    obtain: async () => {
      await until('a second has just begun', async () => clock.now() % 1_000 < 500)
      return (await (await posted(`${url}/api/token/`, user)).json()) as Pair
    },
    logOut: async ({ refresh }) => {
      await posted(`${url}/api/token/blacklist/`, { refresh })
    },
    close: () => parts.close(),
  }
}

/** By how much the gateways' clocks are ahead: services are behind the first by as much. */
const aheadMs = [900, -900] as const

/** Runs `prove` beside a gateway on the machine's clock, for pages on which no time is judged. */
export const inOneClock = async (
  prove: (world: RecipeWorld) => Promise<void>,
  over: Env = {},
): Promise<void> => {
  const world = await openRecipeWorld(0, over)
  try {
    await prove(world)
  } finally {
    await world.close()
  }
}

/**
 * Runs `prove` beside a gateway whose clock is 0.9 s ahead of the service's, and beside one whose
 * clock is 0.9 s behind it, side by side. Clocks may differ by a second.
 */
export const inBothClocks = async (
  prove: (world: RecipeWorld, service: string) => Promise<void>,
  over: Env = {},
): Promise<void> => {
  const proofs = aheadMs.map(async (ms) => {
    const world = await openRecipeWorld(ms, over)
    try {
      await prove(world, ms > 0 ? 'its clock is behind' : 'its clock is ahead')
    } finally {
      await world.close()
    }
  })
  for (const proof of await Promise.allSettled(proofs)) {
    if (proof.status === 'rejected') throw proof.reason
  }
}
