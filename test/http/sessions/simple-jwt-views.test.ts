import { createUser } from '../../../services/gateway/accounts/create-user.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { newJar, tokenIn } from '../../support/processes/browser.ts'
import type { Answer } from '../../support/requests/http-send.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World, type WorldOptions } from '../../support/worlds/gateway-world.ts'

type Pair = Readonly<{ access: string; refresh: string }>

const send = (world: World, path: string, json: unknown): Promise<Answer> =>
  world.send(path, newJar(), { json })
const isRefused = (answer: Answer, detail: string): void => {
  assert.is(answer.status, 401)
  assert.equal(answer.body, { detail, code: 'token_not_valid' })
  assert.is(answer.headers['www-authenticate'], 'Bearer realm="api"')
}
const blacklisted = { non_field_errors: ['Token is blacklisted'] }

const inSession = (
  options: WorldOptions,
  prove: (world: World, pair: Pair) => Promise<void>,
): Promise<void> =>
  inWorld(options, async (world) => {
    const jar = await world.open(await world.addUser())
    const [access, refresh] = [tokenIn(jar, 'access') ?? '', tokenIn(jar, 'refresh') ?? '']
    await prove(world, { access, refresh })
  })

const me = (world: World, access: string): Promise<Answer> =>
  world.send('/me', newJar(), { method: 'GET', headers: { authorization: `Bearer ${access}` } })

claims('Simple-JWT’s views in body mode', {
  'a pair is answered in the body, and no cookie is set': () =>
    inWorld({}, async (world) => {
      const created = { username: 'alice', password: 'correct horse', roles: [] }
      await createUser(world.rooms, created)
      const answer = await send(world, '/api/token/', {
        username: 'alice',
        password: 'correct horse',
      })
      assert.is(answer.status, 200)
      assert.equal(Object.keys(answer.body as object).sort(), ['access', 'refresh'])
      assert.equal(answer.setCookie, [])
      assert.is((await me(world, (answer.body as Pair).access)).status, 200)
    }),

  'wrong credentials and missing fields are answered as Simple-JWT does': () =>
    inWorld({}, async (world) => {
      const wrong = await send(world, '/api/token/', { username: 'nobody', password: 'x' })
      const detail = 'No active account found with the given credentials'
      assert.equal([wrong.status, wrong.body], [401, { detail }])
      const required = ['This field is required.']
      const empty = await send(world, '/api/token/', {})
      assert.equal([empty.status, empty.body], [400, { username: required, password: required }])
      for (const path of ['refresh', 'blacklist']) {
        const none = await send(world, `/api/token/${path}/`, {})
        assert.equal([none.status, none.body], [400, { refresh: required }])
        const number = await send(world, `/api/token/${path}/`, { refresh: 7 })
        isRefused(number, 'Token is invalid')
      }
      const none = await send(world, '/api/token/verify/', {})
      assert.equal([none.status, none.body], [400, { token: required }])
    }),

  'a refresh rotates, and 20 at once get one successor': () =>
    inSession({}, async (world, { refresh }) => {
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => send(world, '/api/token/refresh/', { refresh })),
      )
      assert.ok(answers.every(({ status }) => status === 200))
      const successors = answers.map(({ body }) => (body as Pair).refresh)
      assert.is(new Set(successors).size, 1)
      assert.equal(answers[0]?.setCookie, [])
    }),

  'a cookie never answers a body request': () =>
    inWorld({}, async (world) => {
      const jar = await world.open(await world.addUser())
      const answer = await world.send('/api/token/refresh/', jar, { json: {} })
      assert.is(answer.status, 400)
      assert.is((await world.refresh(jar)).status, 200)
    }),

  'with rotation off only an access token is answered': () =>
    inSession({ env: { CURFEW_ROTATE_REFRESH_TOKENS: 'false' } }, async (world, { refresh }) => {
      const answer = await send(world, '/api/token/refresh/', { refresh })
      assert.equal(Object.keys(answer.body as object), ['access'])
      assert.is((await send(world, '/api/token/refresh/', { refresh })).status, 200)
    }),

  'with a grace of 0 a second use is 401 at once, and the session ends': () =>
    inSession({ env: { CURFEW_REFRESH_GRACE_PERIOD: '0' } }, async (world, { refresh }) => {
      const first = await send(world, '/api/token/refresh/', { refresh })
      isRefused(await send(world, '/api/token/refresh/', { refresh }), 'Token is blacklisted')
      const { refresh: successor } = first.body as Pair
      isRefused(
        await send(world, '/api/token/refresh/', { refresh: successor }),
        'Token is blacklisted',
      )
    }),

  'verify takes good tokens of any kind, and refuses ended ones with 400': () =>
    inSession({}, async (world, { access, refresh }) => {
      for (const token of [access, refresh]) {
        const good = await send(world, '/api/token/verify/', { token })
        assert.equal([good.status, good.body], [200, {}])
      }
      isRefused(await send(world, '/api/token/verify/', { token: 'abc' }), 'Token is invalid')
      const next = await send(world, '/api/token/refresh/', { refresh })
      const rotated = await send(world, '/api/token/verify/', { token: refresh })
      assert.equal([rotated.status, rotated.body], [400, blacklisted])
      const successor = (next.body as Pair).refresh
      assert.is((await send(world, '/api/token/blacklist/', { refresh: successor })).status, 200)
      for (const token of [access, successor]) {
        const ended = await send(world, '/api/token/verify/', { token })
        assert.equal([ended.status, ended.body], [400, blacklisted])
      }
    }),

  'blacklist ends the session: its access tokens too, everywhere': () =>
    inSession({}, async (world, { access, refresh }) => {
      const answer = await send(world, '/api/token/blacklist/', { refresh })
      assert.equal([answer.status, answer.body], [200, {}])
      assert.is(answer.headers['revocation-status'], 'acknowledged')
      assert.is((await me(world, access)).status, 401)
      isRefused(await send(world, '/api/token/blacklist/', { refresh }), 'Token is blacklisted')
      isRefused(
        await send(world, '/api/token/blacklist/', { refresh: access }),
        'Token has wrong type',
      )
    }),

  'blacklist of a predecessor ends the session within the grace, and as reuse after it':
    async () => {
      for (const [waitMs, status] of [
        [1_000, 200],
        [11_000, 401],
      ] as const) {
        const clock = fakeClock()
        await inSession({ clock }, async (world, { refresh }) => {
          const next = await send(world, '/api/token/refresh/', { refresh })
          await clock.advance(waitMs)
          const answer = await send(world, '/api/token/blacklist/', { refresh })
          assert.is(answer.status, status)
          assert.is((await me(world, (next.body as Pair).access)).status, 401)
        })
      }
    },
})
