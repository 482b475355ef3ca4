import { utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { keyFileNames } from '../../../shared/tokens/key-rings/index.ts'
import { aUser } from '../../support/fakes/builders.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { type Jar, newJar } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'

const secret = 'a-secret-of-the-auditor'
const env = { CURFEW_SERVICE_CLIENTS: `auditor:${secret}:audit+revoke+users` }
const service = { authorization: `Basic ${Buffer.from(`auditor:${secret}`).toString('base64')}` }

type Key = Readonly<{ kid: string; alg: string; status: string; until: string | null }>
type Ring = Readonly<{ ring: string; keys: readonly Key[] }>

const openAs = async (world: World, ...roles: readonly string[]): Promise<Jar> => {
  const user = aUser({ roles: [...roles] })
  await world.state.directory.create(user)
  return world.open(user)
}
const list = (world: World, jar: Jar, headers = {}) =>
  world.send('/keys', jar, { method: 'GET', headers })
const ringsIn = (body: unknown): readonly Ring[] => (body as { rings: readonly Ring[] }).rings

/** As if the file had been made so long ago that everybody knows its next key. */
const aged = (world: World, ring: keyof typeof keyFileNames): Promise<void> => {
  const at = world.clock.now() / 1_000 - 600
  return utimes(join(world.keys.dir, keyFileNames[ring]), at, at)
}

claims('GET /keys', {
  'shows the rings and what each key does, and no secret': () =>
    inWorld({ env }, async (world) => {
      const { status, body } = await list(world, newJar(), service)
      assert.is(status, 200)
      const rings = ringsIn(body)
      assert.equal(rings.map(({ ring }) => ring).sort(), [
        ...['events', 'log', 'personal', 'refresh', 'signing'],
      ])
      for (const { keys } of rings) {
        assert.equal(keys.map(({ status: does }) => does).sort(), ['active', 'next'])
        for (const key of keys) assert.equal(Object.keys(key), ['kid', 'alg', 'status', 'until'])
      }
      assert.ok(
        rings.some(({ keys }) => keys.some(({ kid }) => kid === world.keys.access.active.kid)),
      )
    }),

  'is for auditors and administrators alone': () =>
    inWorld({ env }, async (world) => {
      const statusOf = async (...roles: readonly string[]) =>
        (await list(world, await openAs(world, ...roles))).status
      assert.equal(
        [await statusOf(), await statusOf('audit'), await statusOf('admin')],
        [403, 200, 200],
      )
      assert.is((await list(world, newJar())).status, 401)
    }),
})

claims('POST /keys/{ring}/rotate', {
  'lets the next key sign once everybody knows it, and keeps the old one': () =>
    inWorld({ env }, async (world) => {
      const jar = await openAs(world, 'admin')
      const before = ringsIn((await list(world, jar)).body).find(({ ring }) => ring === 'refresh')
      const early = await world.send('/keys/refresh/rotate', jar)
      assert.equal(
        [early.status, (early.body as { code: string }).code],
        [400, 'key_not_shown_yet'],
      )
      await aged(world, 'refresh')
      const done = await world.send('/keys/refresh/rotate', jar)
      assert.is(done.status, 200)
      const { ring, detail, keys } = done.body as Ring & Readonly<{ detail: string }>
      assert.is(ring, 'refresh')
      const kidOf = (of: readonly Key[] | undefined, wanted: string) =>
        of?.find(({ status }) => status === wanted)?.kid
      assert.is(kidOf(keys, 'active'), kidOf(before?.keys, 'next'))
      assert.is(kidOf(keys, 'retired'), kidOf(before?.keys, 'active'))
      assert.match(detail, kidOf(keys, 'active') ?? 'none')
    }),

  'is for administrators who are persons, and there is no other ring': () =>
    inWorld({ env }, async (world) => {
      const rotate = async (jar: Jar, ring = 'refresh', headers = {}) =>
        (await world.send(`/keys/${ring}/rotate`, jar, { headers })).status
      await aged(world, 'refresh')
      assert.is(await rotate(await openAs(world)), 403)
      assert.is(await rotate(await openAs(world, 'audit')), 403)
      assert.is(await rotate(newJar(), 'refresh', service), 403)
      assert.is(await rotate(newJar()), 401)
      const administrator = await openAs(world, 'admin')
      for (const ring of ['address', 'set', 'toString', 'x']) {
        assert.is(await rotate(administrator, ring), 404, ring)
      }
      assert.is(await rotate(administrator), 200)
    }),

  'asks for a password that was given at most five minutes ago': () => {
    const clock = fakeClock()
    const settings = { ...env, CURFEW_ACCESS_TOKEN_LIFETIME: '1h' }
    return inWorld({ env: settings, clock }, async (world) => {
      const jar = await openAs(world, 'admin')
      await clock.advance(5 * 60_000)
      await aged(world, 'refresh')
      const { status, body } = await world.send('/keys/refresh/rotate', jar)
      assert.equal([status, (body as { code: string }).code], [401, 'step_up_required'])
      assert.is((await list(world, jar)).status, 200)
    })
  },
})
