import { setRoles } from '../../../services/gateway/accounts/set-roles.ts'
import { isAuthError } from '../../../shared/kernel/errors.ts'
import type { User } from '../../../shared/ports/user-directory.ts'
import { aUser } from '../../support/fakes/builders.ts'
import { type Jar, newJar } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'

type Body = Readonly<Record<string, unknown>>
const env = { CURFEW_SERVICE_CLIENTS: 'manager:a-long-enough-secret:users' }
const authorization = `Basic ${Buffer.from('manager:a-long-enough-secret').toString('base64')}`

const call = async (world: World, method: string, path: string, json?: unknown) => {
  const request = { method, headers: { authorization }, ...(json === undefined ? {} : { json }) }
  const { status, body, headers } = await world.send(path, newJar(), request)
  return { status, body: body as Body, headers }
}
const someone = async (world: World, over: Partial<User> = {}) => {
  const user = aUser(over)
  await world.state.directory.create(user)
  return { user, jar: await world.open(user) }
}
const isLive = async (world: World, jar: Jar): Promise<boolean> =>
  (await world.me(jar)).status === 200

claims('GET /users', {
  // asvs: 8.2.3, 15.3.1
  'lists in order of name, page by page, and shows no hash': () =>
    inWorld({ env }, async (world) => {
      for (const username of ['dan', 'ann', 'cid', 'bob', 'eve']) await someone(world, { username })
      const names: unknown[] = []
      let path = '/users?limit=2'
      for (let pages = 0; pages < 3; pages += 1) {
        const { body } = await call(world, 'GET', path)
        names.push(...(body['users'] as { username: string }[]).map(({ username }) => username))
        assert.not.match(JSON.stringify(body), /argon2|hash/i)
        if (body['next'] === null) break
        path = `/users?limit=2&after=${encodeURIComponent(String(body['next']))}`
      }
      assert.equal(names, ['ann', 'bob', 'cid', 'dan', 'eve'])
    }),

  'bad pages are 400 and name the member': () =>
    inWorld({ env }, async (world) => {
      for (const limit of ['0', '201', '-1', '1.5', 'x', '', '1&limit=2']) {
        const { status, body } = await call(world, 'GET', `/users?limit=${limit}`)
        assert.equal([status, Object.keys(body)], [400, ['limit']], limit)
      }
      const { status, body } = await call(world, 'GET', '/users?after=a&after=b')
      assert.equal([status, Object.keys(body)], [400, ['after']])
    }),

  'one user is shown by subject, an unknown one is 404': () =>
    inWorld({ env }, async (world) => {
      const { user } = await someone(world, { username: 'ann', roles: ['staff'] })
      const { status, body } = await call(world, 'GET', `/users/${user.sub}`)
      assert.is(status, 200)
      assert.equal(Object.keys(body), [
        'sub',
        'id',
        'username',
        'active',
        'roles',
        'created_at',
        'last_login',
      ])
      for (const sub of ['f'.repeat(32), 'zo%C3%AB', '%20', 'x'.repeat(300)]) {
        const answer = await call(world, 'GET', `/users/${sub}`)
        assert.equal([answer.status, answer.body['code']], [404, 'user_unknown'], sub)
      }
    }),
})

claims('PATCH and DELETE /users/{sub}', {
  // asvs: 7.4.2
  'disabling ends every session at once; enabled again, the old ones stay dead': () =>
    inWorld({ env }, async (world) => {
      const { user, jar } = await someone(world)
      const off = await call(world, 'PATCH', `/users/${user.sub}`, { active: false })
      assert.equal([off.status, off.body['active']], [200, false])
      assert.is(off.headers['revocation-status'], 'acknowledged')
      assert.match(String(off.headers['revocation-position']), /^[0-9a-f]{32}:\d+$/)
      assert.not(await isLive(world, jar))
      const on = await call(world, 'PATCH', `/users/${user.sub}`, { active: true })
      assert.equal([on.status, on.body['active']], [200, true])
      assert.is(on.headers['revocation-status'], undefined)
      assert.not(await isLive(world, jar))
      assert.ok(await isLive(world, await world.open(user)))
    }),

  'a role that is taken away ends every session, one that is given ends none': () =>
    inWorld({ env }, async (world) => {
      const { user, jar } = await someone(world, { roles: ['staff'] })
      const path = `/users/${user.sub}`
      const more = await call(world, 'PATCH', path, { roles: ['staff', 'editor', 'editor'] })
      assert.equal([more.status, more.body['roles']], [200, ['staff', 'editor']])
      assert.ok(await isLive(world, jar))
      const same = await call(world, 'PATCH', path, { roles: ['editor', 'staff'] })
      assert.is(same.status, 200)
      assert.ok(await isLive(world, jar))
      const less = await call(world, 'PATCH', path, { roles: ['editor', 'reader'] })
      assert.equal([less.status, less.body['roles']], [200, ['editor', 'reader']])
      assert.is(less.headers['revocation-status'], 'acknowledged')
      assert.not(await isLive(world, jar))
    }),

  'racing changes of roles never take one away without ending sessions': () =>
    inWorld({ env }, async (world) => {
      for (let round = 0; round < 25; round += 1) {
        const { user } = await someone(world, { roles: ['a'] })
        const to = (roles: readonly string[]) => setRoles(world.rooms, user.sub, () => roles)
        await Promise.all([to(['b']), to(['a', 'c'])])
        // In either order the second change takes away what the first one gave or kept.
        const [newest] = await world.state.store.heads([`u/${user.sub}`])
        assert.equal([newest?.id.v, newest?.cutoff], [1, 1])
      }
    }),

  // asvs: 15.3.3
  'what is wrong with a change is 400 and named, and nothing changes': () =>
    inWorld({ env }, async (world) => {
      const { user, jar } = await someone(world)
      const cases: [unknown, string][] = [
        [{}, 'non_field_errors'],
        [[], 'non_field_errors'],
        [{ active: 'false' }, 'active'],
        [{ active: null }, 'active'],
        [{ roles: 'admin' }, 'roles'],
        [{ roles: [1] }, 'roles'],
        [{ roles: ['a b'], active: false }, 'roles'],
        [{ roles: Array.from({ length: 33 }, (_, index) => `r${index}`) }, 'roles'],
        [{ password: 'chosen by somebody else' }, 'password'],
        [{ Active: false }, 'Active'],
      ]
      for (const [json, field] of cases) {
        const { status, body } = await call(world, 'PATCH', `/users/${user.sub}`, json)
        assert.equal([status, Object.keys(body)], [400, [field]], JSON.stringify(json))
      }
      const { active, roles, passwordHash } = (await world.state.directory.bySub(user.sub)) ?? {}

      assert.equal([active, roles, passwordHash], [true, user.roles, user.passwordHash])
      assert.ok(await isLive(world, jar))
    }),

  // asvs: 7.4.2
  'deletion ends every session, frees the name, and is 404 the second time': () =>
    inWorld({ env }, async (world) => {
      const { user, jar } = await someone(world)
      const gone = await call(world, 'DELETE', `/users/${user.sub}`)
      assert.equal([gone.status, gone.body], [204, ''])
      assert.is(gone.headers['revocation-status'], 'acknowledged')
      assert.not(await isLive(world, jar))
      assert.is((await call(world, 'DELETE', `/users/${user.sub}`)).status, 404)
      assert.is((await call(world, 'PATCH', `/users/${user.sub}`, { active: true })).status, 404)
      const heir = aUser({ username: user.username })
      assert.is(await world.state.directory.create(heir), 'created')
    }),

  'roles of somebody unknown are an error, not a new account': () =>
    inWorld({ env }, async (world) => {
      const { sub } = aUser()
      const error = await setRoles(world.rooms, sub, () => []).catch((thrown: unknown) => thrown)
      assert.ok(isAuthError(error, 'USER_UNKNOWN'))
    }),
})
