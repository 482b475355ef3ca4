import { logRevocationFeed } from '../../../shared/adapters/log-feed/revocation-feed.ts'
import { createGuard, type Guard } from '../../../shared/guard/create-guard.ts'
import { fixedKeys } from '../../../shared/guard/keys/key-source.ts'
import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import { type Jar, tokenIn } from '../../support/processes/browser.ts'
import { examples, type OpenStream } from '../../support/requests/open-streams.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'

const sessionCount = 500
const issuer = 'http://localhost:8080'

const guardOn = async ({ keys, state }: World): Promise<Guard> => {
  const feed = logRevocationFeed(state.log, keys.mac, clock)
  const trust = { issuer, audience: issuer, keys: fixedKeys(keys.access) }
  const guard = createGuard({ ...trust, feed, clock, onStale: 'allow' })
  await guard.start()
  await until('the guard is ready', () => guard.ready())
  return guard
}

const openSessions = async (world: World): Promise<Jar[]> => {
  const jars: Jar[] = []
  while (jars.length < sessionCount) {
    const user = await world.addUser()
    jars.push(...(await Promise.all(Array.from({ length: 5 }, () => world.open(user)))))
  }
  return jars
}

const ended = (streams: readonly OpenStream[]): OpenStream[] =>
  streams.filter(({ isEnded }) => isEnded)

const howEnded: Readonly<Record<string, string>> = { 'node:http': 'cut', ws: '4401 session' }

/** Two streams of each session; one logs out; then everybody else hangs up. */
const prove = async (world: World, guard: Guard, jars: Jar[], name: string): Promise<void> => {
  const example = examples[name]
  if (!example) throw new Error(`no example ${name}`)
  const server = await example.serve(guard)
  const tokens = jars.flatMap((jar) =>
    Array.from({ length: 2 }, () => tokenIn(jar, 'access') ?? ''),
  )
  const streams: OpenStream[] = []
  while (streams.length < tokens.length) {
    const next = tokens.slice(streams.length, streams.length + 100)
    streams.push(...(await Promise.all(next.map((token) => example.connect(server.url, token)))))
  }
  assert.is(guard.metrics().openCallers, 2 * sessionCount)
  assert.equal(ended(streams), [])
  const leaving = jars.pop() as Jar
  const access = tokenIn(leaving, 'access')
  assert.is((await world.logout(leaving)).status, 200)
  await until('its streams end', () => ended(streams).length >= 2)
  assert.equal(
    ended(streams).map(({ token, how }) => [token === access, how]),
    Array.from({ length: 2 }, () => [true, howEnded[name] ?? 'ended']),
  )
  assert.is(guard.metrics().openCallers, 2 * sessionCount - 2)
  for (const { drop } of streams) drop()
  await until('nobody waits any more', () => guard.metrics().openCallers === 0)
  await server.close()
}

claims('connections that stay open, by the examples of docs/guard.md', {
  // asvs: 7.4.1
  'of 1,000 streams of 500 sessions, a logout ends exactly its two; nothing is held of the rest':
    () =>
      inWorld({}, async (world) => {
        const guard = await guardOn(world)
        try {
          const jars = await openSessions(world)
          for (const name of Object.keys(examples)) {
            await prove(world, guard, jars, name)
            jars.push(await world.open(await world.addUser()))
          }
        } finally {
          await guard.close()
        }
      }),
})
