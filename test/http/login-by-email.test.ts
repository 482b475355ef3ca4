import { createUser } from '../../services/gateway/accounts.ts'
import { newJar } from '../support/browser.ts'
import { inWorld, type World } from '../support/gateway-world.ts'
import { basic } from '../support/service-desk.ts'
import { assert, claims } from '../support/suite.ts'

const password = 'correct horse battery'
const email = 'Ann.Smith@Example.org'
const service = basic('tests:a-secret-of-the-tests')
const env = { CURFEW_SERVICE_CLIENTS: 'tests:a-secret-of-the-tests:users+revoke' }

const statusOf = async (world: World, username: string, as = password): Promise<number> =>
  (await world.login(newJar(), username, as)).status
const add = (world: World, json: object) =>
  world.send('/users', newJar(), { json: { password, ...json }, headers: service })

claims('logging in by name or by e-mail address', {
  'both open the account, the address in whatever case; the name is told': () =>
    inWorld({ env }, async (world) => {
      const { status, body } = await add(world, { username: 'ann', email })
      const { sub } = body as { sub: string }
      assert.equal([status, (body as { email: string }).email], [201, email.toLowerCase()])
      for (const name of ['ann', email, email.toUpperCase()]) {
        const jar = newJar()
        assert.is((await world.login(jar, name, password)).status, 200, name)
        const { username } = (await world.me(jar)).body as { username: string }
        assert.is(username, 'ann')
      }
      assert.is(await statusOf(world, 'ANN'), 401)
      assert.is(await statusOf(world, 'smith@example.org'), 401)
      const read = await world.send(`/users/${sub}`, newJar(), { headers: service, method: 'GET' })
      assert.is((read.body as { email: string }).email, email.toLowerCase())
    }),

  'a name that is an address of somebody is taken, and so is an address that is a name': () =>
    inWorld({ env }, async (world) => {
      assert.is((await add(world, { username: 'ann', email })).status, 201)
      assert.is((await add(world, { username: 'Ben@x.org' })).status, 201)
      for (const taken of [
        { username: email.toLowerCase() },
        { username: email },
        { username: 'carl', email: email.toUpperCase() },
        { username: 'ann', email: 'other@x.org' },
      ]) {
        const { status, body } = await add(world, taken)
        const { code } = body as { code: string }
        assert.equal([status, code], [409, 'user_exists'], JSON.stringify(taken))
      }
      assert.is((await add(world, { username: 'Ben@x.org', email: 'ben@x.org' })).status, 409)
      assert.is((await add(world, { username: 'own@x.org', email: 'own@x.org' })).status, 201)
      for (const bad of ['no address', 'a@b@c', '@x', 'x@', 'a b@c', `${'a'.repeat(250)}@x.org`]) {
        const { status, body } = await add(world, { username: 'dan', email: bad })
        assert.equal([status, Object.keys(body as object)], [400, ['email']], bad)
      }
    }),

  'guesses count for the account, however it is named': () =>
    inWorld({ env }, async (world) => {
      await createUser(world.parts, { username: 'ann', email, password, roles: [] })
      const names = ['ann', email, email.toLowerCase(), email.toUpperCase()]
      const guesses = Array.from({ length: 10 }, (_, index) => names[index % names.length] ?? '')
      for (const name of guesses) assert.is(await statusOf(world, name, 'a wrong guess'), 401)
      for (const name of names) assert.is(await statusOf(world, name), 429, name)
    }),

  'a name of 254 characters logs in, and is where a page of users goes on': () =>
    inWorld({ env }, async (world) => {
      const username = '😀'.repeat(254)
      assert.is((await add(world, { username })).status, 201)
      assert.is((await add(world, { username: `${username}x` })).status, 400)
      assert.is(await statusOf(world, username), 200)
      const after = encodeURIComponent(username)
      const page = await world.send(`/users?limit=1&after=${after}`, newJar(), {
        headers: service,
        method: 'GET',
      })
      assert.is(page.status, 200)
    }),
})
