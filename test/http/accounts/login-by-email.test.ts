import { createUser } from '../../../services/gateway/accounts/create-user.ts'
import { aUser } from '../../support/fakes/builders.ts'
import { newJar } from '../../support/processes/browser.ts'
import { heardLines } from '../../support/processes/heard-lines.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import { basic } from '../../support/worlds/service-desk.ts'

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

  'a name that is an address is its owner’s in whatever case, and nobody can claim it': () =>
    inWorld({ env }, async (world) => {
      const { body } = await add(world, { username: 'Ann@X.org' })
      const { sub } = body as { sub: string }
      for (const taken of [
        { username: 'mallory', email: 'ann@x.org' },
        { username: 'mallory', email: 'ANN@x.ORG' },
        { username: 'ann@x.org' },
      ]) {
        assert.is((await add(world, taken)).status, 409, JSON.stringify(taken))
      }
      const jar = newJar()
      assert.is((await world.login(jar, 'ann@x.org', password)).status, 200)
      assert.is(((await world.me(jar)).body as { user_id: string }).user_id, sub)
      // What is no address claims none.
      assert.is((await add(world, { username: 'a@b@c' })).status, 201)
    }),

  'guesses count for the account, however it is named': () =>
    inWorld({ env }, async (world) => {
      await createUser(world.rooms, { username: 'ann', email, password, roles: [] })
      const names = ['ann', email, email.toLowerCase(), email.toUpperCase()]
      const guesses = Array.from({ length: 10 }, (_, index) => names[index % names.length] ?? '')
      for (const name of guesses) assert.is(await statusOf(world, name, 'a wrong guess'), 401)
      for (const name of names) assert.is(await statusOf(world, name), 429, name)
    }),

  'guesses at an address count alike in whatever case, whether anybody has it': async () => {
    const { lines, logger } = heardLines()
    await inWorld({ env, logger }, async (world) => {
      await createUser(world.rooms, { username: 'ann', email, password, roles: [] })
      for (const address of [email, 'Nobody.Here@Example.org']) {
        const forms = [address, address.toLowerCase(), address.toUpperCase()]
        const statuses: number[] = []
        for (let n = 0; n < 12; n += 1) {
          statuses.push(await statusOf(world, forms[n % 3] ?? '', 'a wrong guess'))
        }
        assert.equal(statuses, [...Array<number>(10).fill(401), 429, 429], address)
      }
    })
    const accounts = lines.flatMap(({ fields }) => fields['account'] ?? [])
    assert.ok(accounts.length > 12, `${accounts.length}`)
    assert.is(new Set(accounts).size, 2)
  },

  'the address names the user to whom it belongs, after ids and names': () =>
    inWorld({ env }, async (world) => {
      const ann = (await add(world, { username: 'ann', email })).body as { sub: string }
      for (const text of [email, email.toUpperCase()]) {
        const at = `/users/${encodeURIComponent(text)}`
        const read = await world.send(at, newJar(), { headers: service, method: 'GET' })
        assert.is((read.body as { sub: string }).sub, ann.sub)
        assert.is(read.headers['found-by'], 'email')
        const json = { scope: 'subject', id: text }
        const ended = await world.send('/revocations', newJar(), { json, headers: service })
        const { id, found_by } = ended.body as { id: string; found_by: string }
        assert.equal([ended.status, id, found_by], [200, ann.sub, 'email'])
      }
    }),

  'every name that there is, or was allowed once, is named by it': () =>
    inWorld({ env }, async (world) => {
      for (const username of ['😀'.repeat(254), 'می‌خواهم', '👩‍💻 x', 'e\u0301', 'a\u00adb']) {
        const user = aUser({ username })
        await world.state.directory.create(user)
        const at = `/users/${encodeURIComponent(username)}`
        const read = await world.send(at, newJar(), { headers: service, method: 'GET' })
        assert.equal([read.status, (read.body as { sub: string }).sub], [200, user.sub], username)
        const json = { scope: 'subject', id: username }
        const ended = await world.send('/revocations', newJar(), { json, headers: service })
        assert.is(ended.status, 200, username)
      }
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
