import fc from 'fast-check'
import { createUser } from '../../../services/gateway/accounts/create-user.ts'
import { httpCredentials } from '../../../shared/adapters/http-directory/credentials.ts'
import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import { systemEntropy as entropy } from '../../../shared/kernel/entropy.ts'
import { copyOf, type Jar, newJar } from '../../support/processes/browser.ts'
import { heardLines } from '../../support/processes/heard-lines.ts'
import { directorySecret, openForeignDirectory } from '../../support/servers/directory-server.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import { basic } from '../../support/worlds/service-desk.ts'
import { json, rawRequest } from '../raw-request.ts'

const issuer = 'http://localhost:8080'
const path = '/global-token-revocation'
const password = 'correct horse'
type Headers = Readonly<Record<string, string>>

const post = (world: World, body: unknown, headers: Headers = world.serviceHeaders) =>
  rawRequest(`${world.url}${path}`, {
    headers: { ...json, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
const end = (world: World, sub_id: unknown) => post(world, { sub_id })
const lives = async (world: World, jar: Jar): Promise<boolean> =>
  (await world.me(copyOf(jar))).status === 200

claims('Global Token Revocation', {
  'every form of sub_id that names a user ends all of theirs, answered 204 and told': () =>
    inWorld({}, async (world) => {
      const username = 'Alice@example.com'
      const { sub } = await createUser(world.rooms, { username, password, roles: [] })
      const other = await world.addUser()
      const bystander = await world.open(other)
      const stranger = { format: 'opaque', id: 'f'.repeat(32) }
      const forms = [
        { format: 'opaque', id: sub },
        { format: 'iss_sub', iss: issuer, sub },
        { format: 'email', email: username },
        { format: 'aliases', identifiers: [stranger, { format: 'email', email: username }] },
      ]
      for (const form of forms) {
        const user = await world.state.directory.bySub(sub)
        assert.ok(user)
        const jars = [await world.open(user), await world.open(user)]
        const { status, text, headers } = await end(world, form)
        assert.equal([status, text], [204, ''], JSON.stringify(form))
        assert.is(headers['revocation-status'], 'acknowledged')
        assert.ok(headers['revocation-position'])
        assert.equal(
          [await lives(world, jars[0] as Jar), await lives(world, jars[1] as Jar)],
          [false, false],
        )
        assert.is((await world.refresh(jars[0] as Jar)).status, 401)
        assert.is(await lives(world, await world.open(user)), true, 'who logs in again is in')
      }
      assert.is(await lives(world, bystander), true)
    }),

  'whoever names nobody here hears 404, and nothing is written': () =>
    inWorld({}, async (world) => {
      const { sub } = await world.addUser()
      const before = await world.state.store.heads([`u/${sub}`, `u/${'e'.repeat(32)}`])
      for (const form of [
        { format: 'opaque', id: 'e'.repeat(32) },
        { format: 'opaque', id: 'not ascii: é' },
        { format: 'iss_sub', iss: 'https://other.example', sub },
        { format: 'iss_sub', iss: `${issuer}/`, sub },
        { format: 'email', email: 'nobody@example.com' },
        { format: 'aliases', identifiers: [{ format: 'email', email: 'x@y' }] },
      ]) {
        const { status, body } = await end(world, form)
        assert.equal([status, body['error']], [404, 'invalid_request'], JSON.stringify(form))
      }
      const after = await world.state.store.heads([`u/${sub}`, `u/${'e'.repeat(32)}`])
      assert.equal(after, before)
    }),

  'a body that names nobody in a form of RFC 9493 is 400 with the member at fault': () =>
    inWorld({}, async (world) => {
      const [one, two] = [await world.addUser(), await world.addUser()]
      const both = [one, two].map(({ sub }) => ({ format: 'opaque', id: sub }))
      const bad: readonly [sub_id: unknown, named: RegExp][] = [
        [undefined, /sub_id/],
        [null, /sub_id/],
        ['alice', /sub_id/],
        [{}, /sub_id.format/],
        [{ format: 'phone_number', phone_number: '+1' }, /sub_id.format .*opaque, iss_sub, email/],
        [{ format: 'opaque' }, /sub_id.id/],
        [{ format: 'opaque', id: 7 }, /sub_id.id/],
        [{ format: 'opaque', id: one.sub, extra: 1 }, /sub_id/],
        [{ format: 'iss_sub', sub: one.sub }, /sub_id.iss/],
        [{ format: 'email', email: 'alice' }, /sub_id.email/],
        [{ format: 'aliases', identifiers: [] }, /sub_id.identifiers/],
        [{ format: 'aliases', identifiers: both }, /more than one user/],
      ]
      for (const [sub_id, named] of bad) {
        const { status, body } = await end(world, sub_id)
        assert.equal([status, body['error']], [400, 'invalid_request'], JSON.stringify(sub_id))
        assert.match(String(body['error_description']), named)
      }
      assert.is((await post(world, '{"sub_id":')).status, 400)
      const form = { 'content-type': 'application/x-www-form-urlencoded' }
      assert.is((await post(world, 'sub_id=x', { ...world.serviceHeaders, ...form })).status, 415)
      await fc.assert(
        fc.asyncProperty(fc.jsonValue(), async (sub_id) => {
          assert.ok([400, 404].includes((await end(world, sub_id)).status))
        }),
        { numRuns: 60 },
      )
    }),

  // asvs: 10.4.10
  'is for service clients with the permission revoke': () =>
    inWorld({ env: { CURFEW_SERVICE_CLIENTS: `tests:a-secret-of-the-tests:users` } }, (world) =>
      world.addUser().then(async (user) => {
        const jar = await world.open(user)
        const body = { sub_id: { format: 'opaque', id: user.sub } }
        const named = basic('tests:a-secret-of-the-tests')
        const wrong = basic('tests:another-secret-of-them')
        for (const [headers, expected, error] of [
          [{}, 401, 'invalid_client'],
          [wrong, 401, 'invalid_client'],
          [named, 403, 'unauthorized_client'],
        ] as const) {
          const { status, body: told } = await post(world, body, headers)
          assert.equal([status, told['error']], [expected, error])
        }
        assert.is(await lives(world, jar), true)
      }),
    ),

  'ends whom a directory of a team’s own has forgotten already': async () => {
    const foreign = await openForeignDirectory()
    const [sub, username] = ['8a3f0c52-6f0f-4a54-9a3e-1f3f0a9d7b11', 'eve@example.com']
    foreign.users.push({ sub, id: '1', username, password, roles: [], active: true })
    const options = { url: foreign.url, secret: directorySecret, timeoutMs: 10_000, clock, entropy }
    const ownDirectory = httpCredentials(options)
    try {
      await inWorld({ wrap: (ports) => ({ ...ports, ownDirectory }) }, async (world) => {
        for (const form of [
          { format: 'email', email: username },
          { format: 'opaque', id: sub },
        ]) {
          const jar = newJar()
          assert.is((await world.login(jar, username, password)).status, 200)
          if (form.format === 'opaque') foreign.users.length = 0
          assert.equal([(await end(world, form)).status, await lives(world, jar)], [204, false])
        }
        // Whom neither ever knew is nobody, in every form.
        for (const never of [`${sub}x`, 'f'.repeat(32), 'eve|3', username]) {
          for (const form of [
            { format: 'opaque', id: never },
            { format: 'iss_sub', iss: issuer, sub: never },
          ]) {
            assert.is((await end(world, form)).status, 404, JSON.stringify(form))
            const [head] = await world.state.store.heads([`u/${never}`])
            assert.is(head ?? null, null)
          }
        }
      })
    } finally {
      await foreign.close()
    }
  },

  'is one line of the log, as every revocation': async () => {
    const { lines, logger } = heardLines()
    await inWorld({ logger }, async (world) => {
      const { sub } = await world.addUser()
      assert.is((await end(world, { format: 'opaque', id: sub })).status, 204)
    })
    assert.is(lines.filter(({ message }) => message === 'revoked').length, 1)
  },

  'stands in the metadata, under either name of that': () =>
    inWorld({ env: { CURFEW_BASE_PATH: '/auth' } }, async (world) => {
      for (const name of ['oauth-authorization-server', 'openid-configuration']) {
        const at = `${world.url}/.well-known/${name}`
        const { body } = await rawRequest(at, { method: 'GET' })
        assert.is(body['global_token_revocation_endpoint'], `${issuer}/auth${path}`)
        const member = 'global_token_revocation_endpoint_auth_methods_supported'
        assert.equal(body[member], ['client_secret_basic'])
      }
    }),
})
