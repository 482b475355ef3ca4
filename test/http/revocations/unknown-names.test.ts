import fc from 'fast-check'
import { httpCredentials } from '../../../shared/adapters/http-directory/credentials.ts'
import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import { systemEntropy as entropy } from '../../../shared/kernel/entropy.ts'
import { clientId } from '../../../shared/kernel/ids.ts'
import type { User } from '../../../shared/ports/user-directory.ts'
import { aUser } from '../../support/fakes/builders.ts'
import { withSessions } from '../../support/other-rooms.ts'
import { copyOf, type Jar, newJar, tokenIn } from '../../support/processes/browser.ts'
import { payloadOf } from '../../support/requests/visitor.ts'
import { directorySecret, openForeignDirectory } from '../../support/servers/directory-server.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import { lmdbBacking } from '../../support/worlds/world-backing.ts'

const env = {
  CURFEW_SERVICE_CLIENTS:
    'tests:a-secret-of-the-tests:introspect+revoke,desk:another-secret-of-tests:users+revoke',
}
const desk = {
  authorization: `Basic ${Buffer.from('desk:another-secret-of-tests').toString('base64')}`,
}

const revoke = (world: World, json: object, query = '') =>
  world.send(`/revocations${query}`, newJar(), { json, headers: world.serviceHeaders })
const lives = async (world: World, jar: Jar): Promise<boolean> =>
  (await world.me(copyOf(jar))).status === 200
const someone = async (world: World, username: string): Promise<User> => {
  const user = aUser({ username })
  await world.state.directory.create(user)
  return user
}
/** How many commits the store holds on the streams that a revocation could write to. */
const commitsOf = async (world: World, ids: readonly string[]): Promise<number> => {
  const streams = ids.flatMap((id) => [`u/${id}`, `c/${id}`, `s/${id}`, `j/${id}`] as const)
  const heads = await world.state.store.heads([...streams, 'all'])
  return heads.filter((head) => head?.kind === 'r').length
}

/** Ids and names that nobody has, and that somebody could. */
const strangers = fc.oneof(
  fc.stringMatching(/^[0-9a-f]{32}$/),
  fc.constantFrom('alicе', 'Alice', 'alice2', 'auth0|42', 'a@b.example', 'all', 'me', '0', 'é'),
  fc.stringMatching(/^[!-~]{1,60}$/).map((text) => `${text}~`),
)

claims('a user, a client or a session that nobody knows', {
  'is a 404 with its code, and nothing is written': () =>
    inWorld({ env, backing: lmdbBacking }, async (world) => {
      const jar = await world.open(await someone(world, 'alice'))
      const drawn = fc.asyncProperty(strangers, async (id) => {
        const answers = [await revoke(world, { scope: 'subject', id })]
        const path = encodeURIComponent(id)
        for (const method of ['GET', 'PATCH', 'DELETE']) {
          const json = method === 'PATCH' ? { json: { active: false } } : {}
          const request = { method, headers: desk, ...json }
          answers.push(await world.send(`/users/${path}`, newJar(), request))
        }
        const asked = { method: 'GET', headers: desk }
        answers.push(await world.send(`/users/${path}/sessions`, newJar(), asked))
        for (const { status, body } of answers) {
          assert.equal([status, (body as { code: string }).code], [404, 'user_unknown'], id)
        }
        if (!/^[A-Za-z0-9._-]{1,64}$/.test(id)) return
        const { status, body } = await revoke(world, { scope: 'client', id })
        assert.equal([status, (body as { code: string }).code], [404, 'client_unknown'], id)
        assert.is(await commitsOf(world, [id]), 0)
      })
      await fc.assert(drawn, { numRuns: 25 })
      const session = await revoke(world, { scope: 'session', id: 'f'.repeat(32) })
      assert.equal([session.status, (session.body as { code: string }).code], [404, 'not_found'])
      assert.is(await lives(world, jar), true)
    }),

  'is one also in a preview, which asks no less': () =>
    inWorld({ env }, async (world) => {
      for (const scope of ['subject', 'client', 'session']) {
        const answer = await revoke(world, { scope, id: 'f'.repeat(32) }, '?preview=true')
        assert.is(answer.status, 404, scope)
      }
      assert.is((await revoke(world, { scope: 'all', id: 'x' }, '?preview=true')).status, 400)
      assert.is((await revoke(world, { scope: 'all' }, '?preview=yes')).status, 400)
    }),
})

const codeOf = ({ body }: { body: unknown }): string => (body as { code: string }).code
const mistyped = fc.record({ at: fc.nat(31), by: fc.integer({ min: 1, max: 15 }) })

claims('the id of a token that no gateway made', {
  'is a 404, made up or mistyped, and nothing is written; the id itself ends the token': () =>
    inWorld({ env, backing: lmdbBacking }, async (world) => {
      const jar = await world.open(await world.addUser())
      const { jti } = payloadOf(tokenIn(jar, 'access') ?? '')
      const drawn = fc.asyncProperty(
        fc.oneof(
          fc.stringMatching(/^[0-9a-f]{32}$/),
          mistyped.map(({ at, by }) => {
            const digit = (Number.parseInt(jti[at] ?? '', 16) ^ by).toString(16)
            return jti.slice(0, at) + digit + jti.slice(at + 1)
          }),
        ),
        fc.boolean(),
        async (id, isPreview) => {
          const query = isPreview ? '?preview=true' : ''
          const answer = await revoke(world, { scope: 'token', id }, query)
          assert.equal([answer.status, codeOf(answer)], [404, 'token_unknown'], id)
          assert.is(await commitsOf(world, [id]), 0)
        },
      )
      await fc.assert(drawn, { numRuns: 50 })
      assert.is(await lives(world, jar), true)
      assert.is((await revoke(world, { scope: 'token', id: jti })).status, 200)
      assert.is(await lives(world, jar), false)
    }),
})

claims('a user who is named', {
  'by name or by id is the same one, and the answer says which; an id goes before a name': () =>
    inWorld({ env }, async (world) => {
      const alice = await someone(world, 'Zoë “the” 1st')
      const mallory = await someone(world, alice.sub)
      for (const [id, by] of [
        [alice.username, 'name'],
        [alice.sub, 'id'],
        [alice.username.normalize('NFD'), 'name'],
      ] as const) {
        const [hers, other] = [await world.open(alice), await world.open(mallory)]
        const answer = await revoke(world, { scope: 'subject', id })
        const { status: _, position: __, ...told } = answer.body as Record<string, unknown>
        assert.equal(told, { scope: 'subject', id: alice.sub, found_by: by })
        assert.equal([await lives(world, hers), await lives(world, other)], [false, true])
        const path = `/users/${encodeURIComponent(id)}`
        const found = await world.send(path, newJar(), { method: 'GET', headers: desk })
        assert.is((found.body as { sub: string }).sub, alice.sub)
        assert.is(found.headers['found-by'], by)
      }
    }),

  'by their own name ends their own sessions; by another’s is refused, whether there is one': () =>
    inWorld({ env }, async (world) => {
      const [alice, bob] = [await someone(world, 'alice'), await someone(world, 'bob')]
      const [jar, his] = [await world.open(alice), await world.open(bob)]
      for (const id of ['bob', bob.sub, 'nobody']) {
        const answer = await world.send('/revocations', jar, { json: { scope: 'subject', id } })
        assert.is(answer.status, 403)
      }
      const own = await world.send('/revocations', jar, { json: { scope: 'subject', id: 'alice' } })
      assert.equal([own.status, (own.body as { found_by: string }).found_by], [200, 'name'])
      assert.equal([await lives(world, jar), await lives(world, his)], [false, true])
    }),

  'and was deleted long ago is known by id: what may still live can be ended': () =>
    inWorld({ env }, async (world) => {
      const made = { json: { username: 'gone' }, headers: desk }
      const { body } = await world.send('/users', newJar(), made)
      const { sub } = body as { sub: string }
      const gone = { method: 'DELETE', headers: desk }
      assert.is((await world.send('/users/gone', newJar(), gone)).status, 204)
      assert.is((await revoke(world, { scope: 'subject', id: sub })).status, 200)
      assert.is((await revoke(world, { scope: 'subject', id: 'gone' })).status, 404)
    }),
})

claims('a client', {
  'that was taken out of the settings is known as long as a session of it lives': () =>
    inWorld({ env }, async (world) => {
      const former = withSessions(world.quickRooms, { client: clientId('former') })
      const jar = await world.openThrough(former, await world.addUser())
      const id = 'former'
      assert.is((await revoke(world, { scope: 'client', id }, '?preview=true')).status, 200)
      assert.is((await revoke(world, { scope: 'client', id })).status, 200)
      assert.is(await lives(world, jar), false)
      for (const known of ['curfew', 'desk', 'tests']) {
        assert.is((await revoke(world, { scope: 'client', id: known })).status, 200, known)
      }
    }),
})

claims('a subject of a team’s own directory', {
  'is known to it by id or by name; whom it forgot is known by their sessions': async () => {
    const directory = await openForeignDirectory()
    const eve = { sub: 'eve|1', username: 'eve', password: 'correct horse', active: true }
    directory.users.push(eve)
    const { url } = directory
    const options = { url, secret: directorySecret, timeoutMs: 10_000, clock, entropy }
    const ownDirectory = httpCredentials(options)
    try {
      await inWorld({ env, wrap: (ports) => ({ ...ports, ownDirectory }) }, async (world) => {
        const named = await revoke(world, { scope: 'subject', id: 'eve' })
        assert.equal([named.status, (named.body as { id: string }).id], [200, 'eve|1'])
        directory.users.push({ ...eve, sub: 'eve|2', username: 'eve2' })
        const jar = newJar()
        assert.is((await world.login(jar, 'eve2', 'correct horse')).status, 200)
        directory.users.length = 0
        for (const [id, status] of [
          ['eve|2', 200],
          ['eve2', 404],
          ['eve|3', 404],
        ] as const) {
          assert.is((await revoke(world, { scope: 'subject', id })).status, status, id)
        }
        await directory.close()
        // What the store knows needs no directory.
        assert.is((await revoke(world, { scope: 'subject', id: 'eve|2' })).status, 200)
        assert.is((await revoke(world, { scope: 'subject', id: 'eve|4' })).status, 503)
      })
    } finally {
      await directory.close().catch(() => {})
    }
  },
})
