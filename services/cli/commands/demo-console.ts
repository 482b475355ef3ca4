import type { Clock } from '../../../shared/kernel/clock.ts'
import type { Env } from '../../../shared/kernel/config.ts'
import type { Entropy } from '../../../shared/kernel/entropy.ts'
import { aborted } from '../../../shared/kernel/lifecycle.ts'
import type { Running } from '../../embedded/compose.ts'
import { createUser } from '../../gateway/accounts/index.ts'
import { unlessRetriable } from '../../gateway/audit/index.ts'
import { say } from '../terminal/printable.ts'
import { inDemo } from './demo.ts'
import { call, type Jar } from './demo-client.ts'

const guardsCount = 8
const usersCount = 200
/** A user begins every so often, so that the first minute is not one of hashing alone. */
const beginEveryMs = 250
const restMs = 20_000

const agents = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) Version/19.1 Mobile Safari/604.1',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 15_1) Version/19.1 Safari/605.1.15',
  'shop-app/4.2 (Android 16)',
] as const
const firstNames = [
  ...['ada', 'bert', 'chloe', 'dae', 'emil', 'fatma', 'greta', 'hana', 'ivo', 'june'],
  ...['kai', 'lena', 'minho', 'nora', 'omar', 'petra', 'quinn', 'rosa', 'seo', 'tilda'],
] as const

type Parts = Readonly<{
  running: Running
  clock: Clock
  entropy: Entropy
  stop: AbortSignal
}>
type Person = Readonly<{ username: string; password: string; agent: string; address: string }>

const drawn = (entropy: Entropy, below: number): number => entropy.bytes(4).readUInt32BE() % below

const personOf = (entropy: Entropy, index: number): Person => ({
  username: `${firstNames[index % firstNames.length]}-${index + 1}`,
  password: entropy.bytes(15).toString('base64url'),
  agent: agents[drawn(entropy, agents.length)] ?? agents[0],
  // One of the addresses reserved for documentation (RFC 5737).
  address: `198.51.100.${drawn(entropy, 254) + 1}`,
})

/** What somebody does next: mostly a refresh, seldom something else. */
const act = async ({ running, entropy }: Parts, person: Person, jar: Jar): Promise<void> => {
  const { username, password, agent, address } = person
  const headers = { 'user-agent': agent, 'x-forwarded-for': address }
  const post = (path: string, body?: object) =>
    call('POST', `${running.gatewayUrl}${path}`, jar, { headers, ...(body && { body }) })
  const roll = drawn(entropy, 100)
  if (roll < 3) await post('/login', { username, password: 'was it this one?' })
  else if (jar.size === 0) await post('/login', { username, password })
  else if (roll < 12) await post('/logout')
  else if ((await post('/refresh')).status === 401) jar.clear()
}

/** A user who comes, works, and now and then leaves, until the demonstration ends. */
const live = async (parts: Parts, index: number): Promise<void> => {
  const { clock, entropy, stop, running } = parts
  await clock.sleep(index * beginEveryMs, stop)
  const person = personOf(entropy, index)
  const { username, password } = person
  const made = () => createUser(running.gateway.rooms, { username, password, roles: [] })
  // A small machine hashes a few passwords at once, and says so of more.
  while (!stop.aborted && (await made().catch(unlessRetriable)) === null) {
    await clock.sleep(restMs / 4 + drawn(entropy, restMs), stop)
  }
  const jar: Jar = new Map()
  while (!stop.aborted) {
    // What does not answer in the moment of the end is no failure.
    await act(parts, person, jar).catch((error: unknown) => {
      if (!stop.aborted) throw error
    })
    await clock.sleep(restMs / 2 + drawn(entropy, restMs), stop)
  }
}

/** `curfew demo --console`: a fleet with life in it, and where to look at it. */
export const runConsoleDemo = (env: Env, stop: AbortSignal): Promise<void> =>
  inDemo({ ...env, CURFEW_PROXY_HOPS: '1' }, guardsCount, async ({ running, context }) => {
    const { clock, entropy } = context
    const password = entropy.bytes(15).toString('base64url')
    await createUser(running.gateway.rooms, { username: 'admin', password, roles: ['admin'] })
    say(`http://localhost:${new URL(running.gatewayUrl).port}/console`)
    say(`sign in as admin, password ${password}`)
    say(`${usersCount} users come one after another; Ctrl-C ends it`)
    const ending = new AbortController()
    const parts = { running, clock, entropy, stop: ending.signal }
    const lives = Array.from({ length: usersCount }, (_, index) => live(parts, index))
    try {
      await Promise.race([aborted(stop), ...lives])
    } finally {
      ending.abort()
      await Promise.allSettled(lives)
    }
  })
