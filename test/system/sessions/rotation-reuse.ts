import { type EpochMs, sessionId, sessionStream } from '../../../shared/kernel/ids.ts'
import { copyOf, type Jar } from '../../support/processes/browser.ts'
import { assert, type Claims, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { loggedEvents } from '../../support/views/logged-events.ts'
import { pairIn, sidIn } from '../../support/views/seen-tokens.ts'
import { inWorld, type World, type WorldOptions } from '../../support/worlds/gateway-world.ts'
import type { OpenBacking } from '../../support/worlds/world-backing.ts'

const graceMs = 300

type Rotated = Readonly<{ first: Jar; second: Jar; sid: string; at: EpochMs }>

const rotatedOnce = async (world: World): Promise<Rotated> => {
  const first = await world.open(await world.addUser())
  const second = copyOf(first)
  assert.is((await world.refresh(second)).status, 200)
  return {
    first,
    second,
    sid: sidIn(world.rooms, second),
    at: world.rooms.context.storeClock.now(),
  }
}

const graceEnds = (world: World, { at }: Rotated): Promise<void> =>
  until('the grace is over', () => world.rooms.context.storeClock.now() - at >= graceMs)

const typesIn = async ({ rooms, state }: World, sid: string): Promise<readonly string[]> => {
  await rooms.publisher.drain()
  const logged = await loggedEvents(state.log)
  return logged
    .filter(({ event }) => 'sid' in event.data && event.data.sid === sid)
    .map(({ event }) => event.type)
}

const newestOf = async ({ state }: World, sid: string) => {
  const [newest] = await state.store.heads([sessionStream(sessionId(sid))])
  return newest ?? null
}

const isRefused = async (world: World, jar: Jar): Promise<void> => {
  assert.is((await world.me(copyOf(jar))).status, 401)
  assert.is((await world.refresh(copyOf(jar))).status, 401)
}

const withShortGrace = (backing: OpenBacking): WorldOptions => ({
  backing,
  env: { CURFEW_REFRESH_GRACE_PERIOD: `${graceMs}ms` },
})

const whileLive = (backing: OpenBacking): Claims => ({
  // asvs: 10.4.5
  'after the grace it is 401, both cookies go, and every token of the session is refused': () =>
    inWorld(withShortGrace(backing), async (world) => {
      const rotated = await rotatedOnce(world)
      await graceEnds(world, rotated)
      const thief = copyOf(rotated.first)
      const answer = await world.refresh(thief)
      assert.is(answer.status, 401)
      assert.is(thief.size, 0)
      await isRefused(world, rotated.first)
      await isRefused(world, rotated.second)
      assert.is((await newestOf(world, rotated.sid))?.session?.status, 'dead')
      const types = await typesIn(world, rotated.sid)
      assert.is(types.filter((type) => type === 'ReuseDetected').length, 1)
    }),

  'within the grace, its successor used: 409, no cookie is touched, the session lives on': () =>
    inWorld({ backing }, async (world) => {
      const { first, second, sid } = await rotatedOnce(world)
      const third = copyOf(second)
      assert.is((await world.refresh(third)).status, 200)
      const late = copyOf(first)
      const answer = await world.refresh(late)
      assert.is(answer.status, 409)
      assert.equal(answer.body, { detail: 'Token is superseded', code: 'superseded' })
      assert.equal(answer.setCookie, [])
      assert.equal([...late], [...first])
      assert.is((await world.me(copyOf(third))).status, 200)
      assert.is((await world.refresh(third)).status, 200)
      assert.not((await typesIn(world, sid)).includes('ReuseDetected'))
    }),

  'within the grace, its successor unused: the same successor, and the replay is told': () =>
    inWorld({ backing }, async (world) => {
      const { first, second, sid } = await rotatedOnce(world)
      const tab = copyOf(first)
      assert.is((await world.refresh(tab)).status, 200)
      assert.ok(pairIn(world.rooms, tab))
      assert.equal(pairIn(world.rooms, tab), pairIn(world.rooms, second))
      assert.ok((await typesIn(world, sid)).includes('GraceReplayed'))
    }),
})

const afterwards = (backing: OpenBacking): Claims => ({
  'to a dead session, long after the grace: 401, cookies cleared, and no alarm': () =>
    inWorld(withShortGrace(backing), async (world) => {
      const rotated = await rotatedOnce(world)
      const { first, second, sid } = rotated
      assert.is((await world.logout(copyOf(second))).status, 200)
      const ended = await newestOf(world, sid)
      await graceEnds(world, rotated)
      const late = copyOf(first)
      assert.is((await world.refresh(late)).status, 401)
      assert.is(late.size, 0)
      assert.is((await newestOf(world, sid))?.id.v, ended?.id.v)
      assert.not((await typesIn(world, sid)).includes('ReuseDetected'))
    }),

  'fifty who present an old token at once raise one alarm': () =>
    inWorld({ ...withShortGrace(backing), gateways: 2 }, async (world) => {
      const rotated = await rotatedOnce(world)
      await graceEnds(world, rotated)
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          (world.gateways[index % 2] ?? world).refresh(copyOf(rotated.first)),
        ),
      )
      assert.ok(answers.every(({ status }) => status === 401))
      for (const { rooms } of world.gateways) await rooms.publisher.drain()
      const types = await typesIn(world, rotated.sid)
      assert.is(types.filter((type) => type === 'ReuseDetected').length, 1)
    }),
})

/** I2 over HTTP, on one store. */
export const reuseClaims = (name: string, backing: OpenBacking): void =>
  claims(`reuse, ${name}`, { ...whileLive(backing), ...afterwards(backing) })
