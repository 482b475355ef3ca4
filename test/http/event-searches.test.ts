import fc from 'fast-check'
import { findNamedLive } from '../../services/gateway/audit/index.ts'
import { searchTerms } from '../../shared/events/search-terms.ts'
import { aUser } from '../support/fakes/builders.ts'
import { newJar } from '../support/processes/browser.ts'
import { sendHttp } from '../support/requests/http-send.ts'
import { assert, claims } from '../support/suite.ts'
import { until } from '../support/until.ts'
import type { World } from '../support/worlds/gateway-world.ts'
import { inIndexedWorld } from '../support/worlds/indexed-world.ts'

const secret = 'a-secret-of-the-auditor'
const env = { CURFEW_SERVICE_CLIENTS: `auditor:${secret}:audit` }
const authorization = `Basic ${Buffer.from(`auditor:${secret}`).toString('base64')}`

const asked = async (world: World, path: string, query: Readonly<Record<string, string>>) => {
  const url = `${world.url}${path}?${new URLSearchParams(query)}`
  const { status, body } = await sendHttp(url, { method: 'GET', headers: { authorization } })
  return { status, body: body as Readonly<Record<string, readonly unknown[]>> }
}

const withIndex = (claim: (world: World) => Promise<void>) => () => inIndexedWorld({ env }, claim)

/** What takes a time, and of what has one form in every event, what each takes. */
const searches = [
  { path: '/audit/events', terms: ['session', 'token', 'client', 'address'], more: {} },
  { path: '/sessions/search', terms: ['client', 'address'], more: {} },
  { path: '/audit/questions/refusals', terms: [], more: {} },
  { path: '/audit/questions/new-addresses', terms: [], more: {} },
  { path: '/audit/questions/acts', terms: [], more: { actor: 'cli:root' } },
] as const

const mistyped = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
  .filter((text) => Object.values(searchTerms).every(({ read }) => read(text) === null))

claims('a search of what happened', {
  'refuses what can be in no event, and names it': withIndex(async (world) => {
    const kinds = searches.flatMap(({ path, terms }) => terms.map((term) => ({ path, term })))
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...kinds), mistyped, async ({ path, term }, text) => {
        const { status, body } = await asked(world, path, { [term]: text })
        assert.equal([status, Object.keys(body)], [400, [term]])
      }),
      { numRuns: 60 },
    )
  }),

  'refuses a user, an actor and a client of whom nothing tells': withIndex(async (world) => {
    const names = [
      ...['user', 'actor', 'client'].map((term) => ['/audit/events', term] as const),
      ...['user', 'client'].map((term) => ['/sessions/search', term] as const),
    ]
    const nobody = fc.stringMatching(/^[A-Za-z0-9._-]{3,30}$/).map((text) => `no.${text}`)
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), nobody, async ([path, term], text) => {
        const { status, body } = await asked(world, path, { [term]: text })
        const code = term === 'client' ? 'client_unknown' : 'user_unknown'
        assert.equal([status, body['code']], [404, code])
      }),
      { numRuns: 40 },
    )
    const known = { client: 'curfew' }
    for (const path of ['/audit/events', '/sessions/search']) {
      assert.is((await asked(world, path, known)).status, 200)
    }
  }),

  'of an actor asks whom it means, where a user and a service client have one name': withIndex(
    async (world) => {
      await world.state.directory.create(aUser({ username: 'auditor' }))
      const actorsOf = async (actor: string) => {
        const { status, body } = await asked(world, '/audit/events', { actor })
        const events = (body['events'] ?? []) as readonly { actor: { by: string; id: string } }[]
        return { status, body, by: [...new Set(events.map(({ actor: { by, id } }) => by + id))] }
      }
      assert.is((await asked(world, '/audit/events', {})).status, 200)
      await until('the reading is indexed', async () => {
        return (await actorsOf('service:auditor')).by.length > 0
      })
      assert.equal((await actorsOf('service:auditor')).by, ['serviceauditor'])
      assert.equal((await actorsOf('user:auditor')).by, [])
      for (const path of ['/audit/events', '/audit/questions/acts']) {
        const { status, body } = await asked(world, path, { actor: 'auditor' })
        assert.equal([status, Object.keys(body)], [400, ['actor']], path)
      }
      for (const actor of ['service:nobody', 'user:nobody', 'system:nobody', 'service:']) {
        assert.is((await actorsOf(actor)).status, 404, actor)
      }
    },
  ),

  'of events to come finds a user by name, and takes an actor who did nothing yet': withIndex(
    async (world) => {
      const { rooms } = world
      const { username, sub } = await world.addUser()
      const meant = async (actor: string): Promise<string | null> =>
        (await findNamedLive(rooms, rooms.audit, { user: null, client: null, actor })).actor
      for (const text of [username, `user:${username}`, sub]) assert.is(await meant(text), sub)
      for (const text of ['hr', 'service:hr']) assert.is(await meant(text), 'hr')
      assert.is(await meant('system:cli:root'), 'cli:root')
    },
  ),

  'finds an address however it is spelled': withIndex(async (world) => {
    await world.send('/login', newJar(), { json: { username: 'nobody', password: 'at all' } })
    const count = async (address: string): Promise<number | undefined> =>
      (await asked(world, '/audit/events', { address, kind: 'LoginFailed' })).body['events']?.length
    await until('the failure is indexed', async () => (await count('127.0.0.1')) === 1)
    for (const address of ['127.0.0.1', '::ffff:127.0.0.1', '::FFFF:7f00:1', ' 127.0.0.1 ']) {
      assert.is(await count(address), 1, address)
    }
    assert.is(await count('127.0.0.2'), 0)
  }),

  'refuses a time that has no instant': withIndex(async (world) => {
    const instants = fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...searches),
        instants,
        instants,
        async ({ path, more }, one, other) => {
          const [until = '', since = ''] = [one, other].map((at) => at.toISOString()).sort()
          const { status, body } = await asked(world, path, { ...more, since, until })
          assert.equal([status, body], [400, { until: ['Must be after since.'] }])
        },
      ),
      { numRuns: 40 },
    )
  }),
})
