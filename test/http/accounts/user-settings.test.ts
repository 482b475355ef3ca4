import { setActive, setPassword } from '../../../services/gateway/accounts/change-account.ts'
import { createUser } from '../../../services/gateway/accounts/create-user.ts'
import type { Env } from '../../../shared/kernel/config.ts'
import type { User } from '../../../shared/ports/user-directory.ts'
import { copyOf, type Jar, newJar, tokenIn } from '../../support/processes/browser.ts'
import { payloadOf } from '../../support/requests/visitor.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, openWorld, type World } from '../../support/worlds/gateway-world.ts'

const password = 'correct horse'
const said = (jar: Jar, kind: 'access' | 'refresh'): Record<string, unknown> => ({
  ...payloadOf(tokenIn(jar, kind) ?? ''),
})

const inAlice = (env: Env, prove: (world: World, alice: User) => Promise<void>): Promise<void> =>
  inWorld({ env }, async (world) => {
    await prove(world, await createUser(world.rooms, { username: 'alice', password, roles: [] }))
  })
const loggedIn = async (world: World, as = password): Promise<Jar> => {
  const jar = newJar()
  assert.is((await world.login(jar, 'alice', as)).status, 200)
  return jar
}
const lastLogin = async (world: World, { sub }: User): Promise<number | undefined> =>
  (await world.state.directory.bySub(sub))?.lastLoginAt

const keeper = 'keeper:a-secret-of-the-keeper'
const users = { CURFEW_SERVICE_CLIENTS: `${keeper}:users` }
const basic = `Basic ${Buffer.from(keeper).toString('base64')}`

claims('CURFEW_UPDATE_LAST_LOGIN', {
  'each login writes its instant, sliding ones too; a refresh or a failure writes nothing': () =>
    inAlice({ CURFEW_UPDATE_LAST_LOGIN: 'true' }, async (world, alice) => {
      assert.is(await lastLogin(world, alice), undefined)
      const jar = await loggedIn(world)
      const first = (await lastLogin(world, alice)) ?? 0
      assert.ok(Math.abs(first - world.clock.now()) < 60_000)
      assert.is((await world.refresh(jar)).status, 200)
      assert.is((await world.login(newJar(), 'alice', 'wrong')).status, 401)
      assert.is(await lastLogin(world, alice), first)
      const json = { username: 'alice', password }
      for (const path of ['/api/token/', '/api/token/sliding/', '/sliding/login']) {
        const before = (await lastLogin(world, alice)) ?? 0
        assert.is((await world.send(path, newJar(), { json })).status, 200)
        assert.ok(((await lastLogin(world, alice)) ?? 0) > before, path)
      }
    }),

  'GET /users shows it': () =>
    inAlice({ ...users, CURFEW_UPDATE_LAST_LOGIN: 'true' }, async (world, alice) => {
      const shown = async (): Promise<unknown> => {
        const headers = { authorization: basic }
        const { body } = await world.send(`/users/${alice.sub}`, newJar(), {
          method: 'GET',
          headers,
        })
        return (body as { last_login: unknown }).last_login
      }
      assert.is(await shown(), null)
      await loggedIn(world)
      assert.is(await shown(), new Date((await lastLogin(world, alice)) ?? 0).toISOString())
    }),

  'without it nothing is written': () =>
    inAlice({}, async (world, alice) => {
      await loggedIn(world)
      assert.is(await lastLogin(world, alice), undefined)
    }),
})

const marked = { CURFEW_CHECK_REVOKE_TOKEN: 'true', CURFEW_REVOKE_TOKEN_CLAIM: 'pwd' }
const changed = { detail: "The user's password has been changed.", code: 'password_changed' }

claims('CURFEW_CHECK_REVOKE_TOKEN', {
  'both tokens carry one mark; refreshes keep it, and a password change makes another': () =>
    inAlice(marked, async (world, alice) => {
      const jar = await loggedIn(world)
      const mark = String(said(jar, 'access')['pwd'])
      assert.match(mark, /^[0-9A-F]{32}$/)
      assert.is(said(jar, 'refresh')['pwd'], mark)
      assert.is((await world.refresh(jar)).status, 200)
      assert.equal([said(jar, 'access')['pwd'], said(jar, 'refresh')['pwd']], [mark, mark])
      assert.is(said(await loggedIn(world), 'access')['pwd'], mark)
      await setPassword(world.rooms, alice.sub, 'battery staple')
      assert.is.not(said(await loggedIn(world, 'battery staple'), 'access')['pwd'], mark)
    }),

  'after the change /me says so, as Simple-JWT does; a refresh is refused, as it does not': () =>
    inAlice(marked, async (world, alice) => {
      const jar = await loggedIn(world)
      await setPassword(world.rooms, alice.sub, 'battery staple')
      const me = await world.me(jar)
      assert.equal([me.status, me.body], [401, changed])
      assert.is((await world.refresh(jar)).status, 401)
    }),

  'a token without the mark is refused at /me, and can be refreshed into one with it': () =>
    inWorld({}, async (unmarked) => {
      const backing = async () => ({
        ports: async () => unmarked.state,
        close: async () => {},
      })
      await createUser(unmarked.rooms, { username: 'alice', password, roles: [] })
      const old = await loggedIn(unmarked)
      assert.is(said(old, 'access')['pwd'], undefined)
      const world = await openWorld({ env: marked, backing, keys: unmarked.keys })
      try {
        const me = await world.me(copyOf(old))
        assert.equal([me.status, me.body], [401, changed])
        assert.is((await world.refresh(old)).status, 200)
        assert.is((await world.me(old)).status, 200)
      } finally {
        await world.close()
      }
    }),

  'the mark is no hash, and no hash of a hash, whoever has the same password': () =>
    inAlice(marked, async (world) => {
      const twin = { username: 'twin', password, roles: [] }
      await createUser(world.rooms, twin)
      const jar = newJar()
      await world.login(jar, 'twin', password)
      assert.is.not(said(jar, 'access')['pwd'], said(await loggedIn(world), 'access')['pwd'])
    }),

  'without the setting there is no mark, and a change ends sessions all the same': () =>
    inAlice({}, async (world, alice) => {
      const jar = await loggedIn(world)
      assert.is(said(jar, 'access')['hash_password'], undefined)
      await setPassword(world.rooms, alice.sub, 'battery staple')
      const { status, body } = await world.me(jar)
      assert.equal([status, (body as { code: string }).code], [401, 'token_not_valid'])
    }),
})

claims('CURFEW_CHECK_USER_IS_ACTIVE', {
  'a disabled user neither logs in, refreshes, slides nor is somebody, whatever it says':
    async () => {
      for (const value of ['true', 'false']) {
        await inAlice({ CURFEW_CHECK_USER_IS_ACTIVE: value }, async (world, alice) => {
          const json = { username: 'alice', password }
          const jar = await loggedIn(world)
          const opened = await world.send('/api/token/sliding/', newJar(), { json })
          await setActive(world.rooms, alice.sub, false)
          assert.is((await world.login(newJar(), 'alice', password)).status, 401)
          assert.is((await world.me(jar)).status, 401)
          assert.is((await world.refresh(jar)).status, 401)
          const renewal = { json: opened.body }
          const renewed = await world.send('/api/token/sliding/refresh/', newJar(), renewal)
          assert.is(renewed.status, 401)
        })
      }
    },

  'one whose cutoff is still due is refused before it is made': () =>
    inAlice({}, async (world, alice) => {
      const jar = await loggedIn(world)
      const due = { claim: 'c'.repeat(32) as never, what: 'disabled', above: 0 } as const
      await world.state.directory.change(alice.sub, { active: false, due })
      assert.is((await world.me(jar)).status, 401)
      assert.is((await world.refresh(jar)).status, 401)
    }),
})
