import { Lifecycle } from '../../shared/kernel/lifecycle.ts'
import type { BearerClaims } from '../../shared/tokens/claims.ts'
import { Dice } from '../support/fakes/dice.ts'
import { tokenIn } from '../support/processes/browser.ts'
import { payloadOf } from '../support/requests/visitor.ts'
import { assert, claims } from '../support/suite.ts'
import { type Shown, showToken, waysToShow } from '../support/views/shown-tokens.ts'
import { inWorld, type World } from '../support/worlds/gateway-world.ts'
import { servers } from '../support/worlds/guarded-servers.ts'
import { rawRequest } from './raw-request.ts'

/** A guard that knows one token, so that only the reading is judged. */
const guardOf = (token: string) => ({
  check: async (given: string) =>
    given === token
      ? ({ outcome: 'accepted', claims: payloadOf(token) as BearerClaims, fresh: true } as const)
      : ({ outcome: 'refused', reason: 'invalid' } as const),
  freshness: () => ({
    closedTime: null,
    stalenessMs: null,
    fresh: true,
    logId: null,
    caughtUp: true,
    blockedAt: null,
  }),
})

/** The address of each door that reads a request's token. */
const doorsOf = async (world: World, token: string, parts: Lifecycle) => {
  const doors = new Map([
    ['gateway', `${world.url}/me`],
    ['forward-auth', `${world.url}/verify`],
    ['forward-auth for Envoy', `${world.url}/verify/any/path`],
  ])
  for (const [name, serve] of Object.entries(servers)) {
    const server = await parts.use(serve(guardOf(token), { cookieName: 'access' }))
    doors.set(`guard: ${name}`, server.url)
  }
  return doors
}

const answersOf = async (doors: ReadonlyMap<string, string>, { headers }: Shown) =>
  Promise.all(
    [...doors].map(async ([door, url]) => {
      const { status } = await rawRequest(url, { method: 'GET', headers })
      return { door, status }
    }),
  )

const inDoors = (
  prove: (doors: ReadonlyMap<string, string>, token: string, world: World) => Promise<void>,
): Promise<void> =>
  inWorld({}, async (world) => {
    const parts = new Lifecycle()
    try {
      const token = tokenIn(await world.open(await world.addUser()), 'access') ?? ''
      await prove(await doorsOf(world, token, parts), token, world)
    } finally {
      await parts.close()
    }
  })

claims('a request’s token', {
  // asvs: 7.2.1
  'is read alike by gateway, forward-auth and every guard, wherever and however it stands': () =>
    inDoors(async (doors, token) => {
      const dice = new Dice('shown')
      for (let turn = 0; turn < 12 * waysToShow.length; turn += 1) {
        const shown = showToken(token, dice, waysToShow[turn % waysToShow.length])
        const let_in = shown.speaks === 'token'
        for (const { door, status } of await answersOf(doors, shown)) {
          assert.is(status === 200, let_in, `${door}: ${status} of ${JSON.stringify(shown)}`)
        }
      }
    }),

  'is the cookie’s beside every scheme that is not configured, and the header’s beside none': () =>
    inDoors(async (doors, token) => {
      for (const [authorization, code] of [
        ['Basic YTpi', 200],
        ['Token abc', 200],
        ['Negotiate YII=', 200],
        ['Bearer', 401],
        ['Bearer a b', 401],
        ['Bearer abc', 401],
      ] as const) {
        const headers = { authorization, cookie: `access=${token}` }
        for (const { door, status } of await answersOf(doors, {
          headers,
          speaks: 'token',
          name: '',
        }))
          assert.is(status, code, `${door}: ${authorization}`)
      }
    }),

  'moves and is called otherwise by the settings, and Authorization is nobody’s then': () =>
    inWorld(
      { env: { CURFEW_AUTH_HEADER_NAME: 'X-Token', CURFEW_AUTH_HEADER_TYPES: 'JWT,Key' } },
      async (world) => {
        const token = tokenIn(await world.open(await world.addUser()), 'access') ?? ''
        const cookie = `access=${token}`
        const bad = 'Bearer a b'
        const cases: [Record<string, string | readonly string[]>, number][] = [
          [{ 'x-token': `JWT ${token}`, authorization: bad }, 200],
          [{ 'X-TOKEN': `Key ${token}` }, 200],
          [{ 'x-token': `Bearer ${token}` }, 401],
          [{ 'x-token': 'Bearer a', authorization: bad, cookie }, 200],
          [{ 'x-token': 'Key', cookie }, 401],
          [{ 'x-token': [`Key ${token}`, 'Bearer a'] }, 200],
          [{ 'x-token': [`Key ${token}`, `JWT ${token}`], cookie }, 401],
        ]
        for (const [headers, expected] of cases) {
          for (const path of ['/me', '/verify']) {
            const { status } = await rawRequest(`${world.url}${path}`, { method: 'GET', headers })
            assert.is(status, expected, `${path} ${JSON.stringify(headers)}`)
          }
        }
      },
    ),
})

const shared = 'Basic c3RhZ2luZzpwYXNzd29yZA=='

claims('Basic credentials of somebody else beside a person’s cookie', {
  'leave the person to speak, on the routes of people and services alike': () =>
    inWorld({}, async (world) => {
      const user = await world.addUser()
      const headers = {
        authorization: shared,
        cookie: `access=${tokenIn(await world.open(user), 'access')}`,
      }
      for (const path of ['/sessions', `/users/${user.sub}/sessions`]) {
        const { status } = await rawRequest(`${world.url}${path}`, { method: 'GET', headers })
        assert.is(status, 200, path)
      }
      const others = await rawRequest(`${world.url}/revocations`, {
        headers: { ...headers, 'content-type': 'application/json' },
        body: '{"scope":"others"}',
      })
      assert.is(others.status, 200)
      // Who came by cookie is answered by cookies, whatever else the header says.
      assert.is(others.setCookie.length, 2)
      assert.not.ok('access' in others.body)
    }),

  'are refused where no cookie speaks; a service’s own come before a cookie': () =>
    inWorld(
      { env: { CURFEW_SERVICE_CLIENTS: 'desk:a-secret-of-the-desk:users' } },
      async (world) => {
        const user = await world.addUser()
        const url = `${world.url}/users/${user.sub}/sessions`
        const alone = await rawRequest(url, { method: 'GET', headers: { authorization: shared } })
        assert.equal([alone.status, alone.body], [401, { error: 'invalid_client' }])
        const service = `Basic ${Buffer.from('desk:a-secret-of-the-desk').toString('base64')}`
        const headers = { authorization: service, cookie: 'access=a.b.c' }
        assert.is((await rawRequest(url, { method: 'GET', headers })).status, 200)
      },
    ),
})
