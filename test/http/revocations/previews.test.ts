import { setImmediate } from 'node:timers/promises'
import { boundedPreview } from '../../../services/gateway/revocations/routes/revocation-preview.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { copyOf, type Jar, newJar } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { inWorld, type World, type WorldOptions } from '../../support/worlds/gateway-world.ts'
import { inListedWorld } from '../../support/worlds/listed-world.ts'
import { lmdbBacking } from '../../support/worlds/world-backing.ts'

const env = {
  CURFEW_SERVICE_CLIENTS:
    'tests:a-secret-of-the-tests:introspect+revoke,desk:another-secret-of-tests:users+revoke',
}

const revoke = (world: World, json: object, query = '') =>
  world.send(`/revocations${query}`, newJar(), { json, headers: world.serviceHeaders })
const lives = async (world: World, jar: Jar): Promise<boolean> =>
  (await world.me(copyOf(jar))).status === 200
/** How many commits the store holds on the streams that a revocation could write to. */
const commitsOf = async (world: World, ids: readonly string[]): Promise<number> => {
  const streams = ids.flatMap((id) => [`u/${id}`, `c/${id}`, `s/${id}`, `j/${id}`] as const)
  const heads = await world.state.store.heads([...streams, 'all'])
  return heads.filter((head) => head?.kind === 'r').length
}

const all = { scope: 'all' } as const

type Walks = { begun: number; running: number; most: number }

/** Counts the walks over all sessions; `meanwhile` happens at every page. */
const counting =
  (
    walks: Walks,
    meanwhile: () => Promise<void> = setImmediate,
  ): NonNullable<WorldOptions['wrap']> =>
  (ports) => ({
    ...ports,
    store: {
      ...ports.store,
      liveSessions: async function* (...given) {
        walks.begun += 1
        walks.running += 1
        walks.most = Math.max(walks.most, walks.running)
        try {
          for await (const page of ports.store.liveSessions(...given)) {
            await meanwhile()
            yield page
          }
        } finally {
          walks.running -= 1
        }
      },
    },
  })

claims('a preview', {
  'counts the sessions and the users that the same request would end, and ends none': () =>
    inListedWorld({ env, backing: lmdbBacking }, async (world) => {
      const users = [await world.addUser(), await world.addUser(), await world.addUser()]
      const [a, b, c] = users
      assert.ok(a && b && c)
      const jars = [await world.open(a), await world.open(a), await world.open(b)]
      await world.open(c)
      assert.is((await revoke(world, { scope: 'subject', id: c.sub })).status, 200)
      const [jar = newJar()] = jars
      const { sid } = (await world.me(copyOf(jar))).body as { sid: string }
      await until('the list knows them all', async () => {
        const of = await Promise.all(
          users.map(({ sub }) => world.state.sessions.page(sub, null, 9)),
        )
        return of.flat().length === 4
      })
      const before = await commitsOf(world, [a.sub, b.sub, c.sub, sid, 'curfew'])
      const expected = [
        [{ scope: 'all' }, 3, 2],
        [{ scope: 'client', id: 'curfew' }, 3, 2],
        [{ scope: 'client', id: 'desk' }, 0, 0],
        [{ scope: 'subject', id: a.username }, 2, 1],
        [{ scope: 'subject', id: c.sub }, 0, 0],
        [{ scope: 'session', id: sid }, 1, 1],
      ] as const
      for (const [json, sessions, count] of expected) {
        const { body, headers, status } = await revoke(world, json, '?preview=true')
        const told = body as Record<string, unknown>
        assert.equal([status, told['preview'], told['scope']], [200, true, json.scope])
        assert.equal([told['sessions'], told['users']], [sessions, count], JSON.stringify(json))
        assert.is(headers['revocation-status'], undefined)
      }
      const others = { json: { scope: 'others' } }
      const { body } = await world.send('/revocations?preview=true', jar, others)
      assert.equal([(body as { sessions: number }).sessions, jar.size], [1, 2])
      assert.is(await commitsOf(world, [a.sub, b.sub, c.sub, sid, 'curfew']), before)
      assert.equal(await Promise.all(jars.map((one) => lives(world, one))), [true, true, true])
      assert.is((await revoke(world, { scope: 'all' })).status, 200)
      const after = (await revoke(world, { scope: 'all' }, '?preview=true')).body
      assert.is((after as { sessions: number }).sessions, 0)
    }),

  'of a user walks over nobody else’s sessions': () => {
    const walks = { begun: 0, running: 0, most: 0 }
    const wrap = counting(walks)
    return inWorld({ env, wrap }, async (world) => {
      const alice = await world.addUser()
      const jar = await world.open(alice)
      for (const json of [
        { scope: 'others' },
        { scope: 'subject' },
        { scope: 'subject', id: alice.sub },
      ]) {
        const { status, body } = await world.send('/revocations?preview=true', jar, { json })
        assert.is(status, 200)
        assert.ok((body as { sessions: number }).sessions === 0, JSON.stringify(json))
      }
      const { status } = await revoke(world, { scope: 'subject', id: alice.sub }, '?preview=true')
      assert.equal([status, walks.begun], [200, 0])
    })
  },

  'of many at once walks once at a time, and who asks the same shares it': () => {
    const walks = { begun: 0, running: 0, most: 0 }
    return inWorld({ env, wrap: counting(walks) }, async (world) => {
      await world.open(await world.addUser())
      const asked = Array.from({ length: 12 }, (_, index) =>
        index % 2 === 0 ? all : ({ scope: 'client', client: world.rooms.sessions.client } as const),
      )
      const told = await Promise.all(asked.map((one) => boundedPreview(world.rooms, one)))
      for (const counted of told) assert.equal(counted, { sessions: 1, users: 1 })
      assert.is(walks.most, 1)
      assert.is(walks.begun, 2)
      await Promise.all(asked.map(() => revoke(world, all, '?preview=true')))
      assert.is(walks.most, 1)
    })
  },

  'that takes too long is 503, and the next one is no worse for it': () => {
    const walks = { begun: 0, running: 0, most: 0 }
    const clock = fakeClock()
    const slow = () => clock.advance(60_000)
    return inWorld({ env, clock, wrap: counting(walks, slow) }, async (world) => {
      await world.open(await world.addUser())
      for (let n = 0; n < 2; n += 1) {
        const { status, headers } = await revoke(world, { scope: 'all' }, '?preview=true')
        assert.equal([status, Number(headers['retry-after']) > 0], [503, true])
      }
      assert.is(walks.begun, 2)
    })
  },
})
