import { jarOf, tokenIn } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import { rawRequest } from '../raw-request.ts'

const tokenBody = (message: string) => ({
  detail: 'Given token not valid for any token type',
  code: 'token_not_valid',
  messages: [{ token_class: 'AccessToken', token_type: 'access', message }],
})
const noCredentials = { detail: 'Authentication credentials were not provided.' }
const badHeader = {
  detail: 'Authorization header must contain two space-delimited values',
  code: 'bad_authorization_header',
}

const session = async (world: World) => {
  const user = await world.addUser()
  const jar = await world.open(user)
  return { user, access: tokenIn(jar, 'access') ?? '', refresh: tokenIn(jar, 'refresh') ?? '' }
}
const me = (world: World, headers: Record<string, string | readonly string[]>) =>
  rawRequest(`${world.url}/me`, { method: 'GET', headers })

claims('GET /me', {
  'tells the caller by cookie and by bearer token alike': () =>
    inWorld({}, async (world) => {
      const { user, access } = await session(world)
      for (const headers of [
        { cookie: `access=${access}` },
        { authorization: `Bearer ${access}` },
      ]) {
        const answer = await me(world, headers)
        assert.is(answer.status, 200)
        assert.is(answer.body['user_id'], user.sub)
        assert.is(answer.body['username'], user.username)
        assert.equal(answer.body['roles'], user.roles)
      }
    }),

  'the header wins over the cookie': () =>
    inWorld({}, async (world) => {
      const mine = await session(world)
      const hers = await session(world)
      const cookie = `access=${mine.access}`
      const both = await me(world, { cookie, authorization: `Bearer ${hers.access}` })
      assert.is(both.body['user_id'], hers.user.sub)
      const bad = await me(world, { cookie, authorization: 'Bearer rubbish' })
      assert.equal([bad.status, bad.body], [401, tokenBody('Token is invalid')])
    }),

  'forms of Authorization are judged as Simple-JWT judges them': () =>
    inWorld({}, async (world) => {
      const { access } = await session(world)
      const cases: [string, object][] = [
        ['Bearer', badHeader],
        ['Bearer a b', badHeader],
        [`bearer ${access}`, noCredentials],
        [`JWT ${access}`, noCredentials],
        ['Basic YTpi', noCredentials],
        ['Bearer abc', tokenBody('Token is invalid')],
        ['Bearer a.b.c', tokenBody('Token is invalid')],
      ]
      for (const [authorization, body] of cases) {
        const answer = await me(world, { authorization })
        assert.equal([answer.status, answer.body], [401, body], authorization)
        assert.is(answer.headers['www-authenticate'], 'Bearer realm="api"')
        assert.equal(answer.setCookie, [])
      }
    }),

  'nothing, an empty header and an empty cookie are no credentials': () =>
    inWorld({}, async (world) => {
      for (const headers of [
        {},
        { authorization: '' },
        { cookie: 'access=' },
        { cookie: 'other=1' },
      ]) {
        const answer = await me(world, headers)
        assert.equal([answer.status, answer.body], [401, noCredentials], JSON.stringify(headers))
      }
    }),

  // asvs: 9.2.2
  'a refresh token is no access token, wherever it is put': () =>
    inWorld({}, async (world) => {
      const { refresh } = await session(world)
      for (const headers of [
        { authorization: `Bearer ${refresh}` },
        { cookie: `access=${refresh}` },
      ]) {
        const answer = await me(world, headers)
        assert.equal([answer.status, answer.body], [401, tokenBody('Token has wrong type')])
      }
      const alone = await me(world, { cookie: `refresh=${refresh}` })
      assert.equal([alone.status, alone.body], [401, noCredentials])
    }),

  // asvs: 7.4.1
  'after logout the access token is refused at once': () =>
    inWorld({}, async (world) => {
      const { access, refresh } = await session(world)
      assert.is((await world.logout(jarOf({ access, refresh }))).status, 200)
      const answer = await me(world, { authorization: `Bearer ${access}` })
      assert.equal([answer.status, answer.body], [401, tokenBody('Token is blacklisted')])
    }),

  // asvs: 15.3.7
  'the same cookie twice is refused and cleared: one of them was tossed': () =>
    inWorld({}, async (world) => {
      const { access } = await session(world)
      const answer = await me(world, { cookie: `access=${access}; access=other` })
      assert.is(answer.status, 400)
      assert.is(answer.body['code'], 'cookie_duplicated')
      assert.is(answer.setCookie.length, 2)
    }),
})
