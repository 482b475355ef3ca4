import { httpCredentials } from '../../../shared/adapters/http-directory/credentials.ts'
import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import type { Env } from '../../../shared/kernel/config.ts'
import { systemEntropy as entropy } from '../../../shared/kernel/entropy.ts'
import type { Credentials } from '../../../shared/ports/credentials.ts'
import { copyOf, type Jar, newJar, tokenIn } from '../../support/processes/browser.ts'
import { payloadOf } from '../../support/requests/visitor.ts'
import {
  directorySecret,
  type ForeignDirectory,
  type ForeignUser,
  openForeignDirectory,
} from '../../support/servers/directory-server.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import { visit } from '../../support/worlds/paged-world.ts'

const password = 'correct horse'
const eve: ForeignUser = {
  sub: '8a3f0c52-6f0f-4a54-9a3e-1f3f0a9d7b11',
  id: '4711',
  username: 'eve',
  password,
  roles: ['buyer'],
  active: true,
}

type Setting = Readonly<{
  env?: Env
  /** What lies between the gateway and the directory. */
  through?: (directory: Credentials) => Credentials
}>

/** A gateway whose users are in the example of docs/directory.md: `eve` alone. */
const inOwn = async (
  { env = {}, through = (same) => same }: Setting,
  prove: (world: World, foreign: ForeignDirectory, user: ForeignUser) => Promise<void>,
): Promise<void> => {
  const foreign = await openForeignDirectory()
  const user = { ...eve }
  foreign.users.push(user)
  const options = { url: foreign.url, secret: directorySecret, timeoutMs: 10_000, clock, entropy }
  const ownDirectory = through(httpCredentials(options))
  try {
    await inWorld({ env, wrap: (ports) => ({ ...ports, ownDirectory }) }, (world) =>
      prove(world, foreign, user),
    )
  } finally {
    await foreign.close().catch(() => {})
  }
}

const loggedIn = async (world: World, as = password): Promise<Jar> => {
  const jar = newJar()
  assert.is((await world.login(jar, 'eve', as)).status, 200)
  return jar
}
const revoke = (world: World, sub: string) =>
  world.send('/revocations', newJar(), {
    json: { scope: 'subject', id: sub },
    headers: world.serviceHeaders,
  })
const refused = { detail: 'No active account found with the given credentials' }
const unavailable = {
  detail: 'The user directory does not answer; try again.',
  code: 'directory_unavailable',
}

claims('a directory of a team’s own', {
  'its users see their account, and no form for a password that is kept elsewhere': () =>
    inOwn({}, async (world) => {
      const jar = newJar()
      const form = { username: 'eve', password }
      assert.is((await visit(world, '/sign-in', { jar, form })).location, '/account')
      const { status, text } = await visit(world, '/account', { jar })
      assert.is(status, 200)
      assert.match(text, 'Signed in as eve')
      assert.not.match(text, '/account/password')
    }),

  'it checks the password and says who it is; the built-in one knows nobody': () =>
    inOwn({}, async (world, { asked }) => {
      const jar = await loggedIn(world)
      assert.equal(asked, ['/subject', '/verify'])
      const { body } = await world.me(jar)
      const { sid: _, auth_time: __, ...me } = body as Record<string, unknown>
      assert.equal(me, { user_id: '4711', username: 'eve', roles: ['buyer'] })
      assert.is(payloadOf(tokenIn(jar, 'access') ?? '').sub, eve.sub)
      assert.is(await world.state.directory.count(), 0)
    }),

  'its users are administered where they are kept: the routes of accounts are not there': () =>
    inOwn({}, async (world, _, user) => {
      user.roles = ['admin']
      const jar = await loggedIn(world)
      const asked: [string, string][] = [
        ['GET', '/users'],
        ['GET', `/users/${eve.sub}`],
        ['DELETE', `/users/${eve.sub}`],
        ['POST', '/password'],
      ]
      for (const [method, path] of asked) {
        const { status, body } = await world.send(path, jar, { method })
        assert.equal([status, (body as { code: string }).code], [404, 'not_found'], path)
      }
    }),

  'whom it refuses, whatever for, gets one answer': () =>
    inOwn({}, async (world, _, user) => {
      const answers = [
        await world.login(newJar(), 'eve', 'wrong'),
        await world.login(newJar(), 'nobody', password),
      ]
      user.active = false
      answers.push(await world.login(newJar(), 'eve', password))
      for (const { status, body } of answers) assert.equal([status, body], [401, refused])
    }),

  'roles that it answers now say who administers': () =>
    inOwn({}, async (world, { users }, user) => {
      const jar = await loggedIn(world)
      users.push({ ...eve, sub: 'somebody-else', username: 'mallory' })
      const json = { scope: 'subject', id: 'somebody-else' }
      const revoked = async () => (await world.send('/revocations', jar, { json })).status
      assert.is(await revoked(), 403)
      user.roles = ['admin']
      assert.is(await revoked(), 200)
      user.active = false
      assert.is(await revoked(), 403)
    }),

  'an inactive or unknown user does not refresh, and is nobody at /me; nothing is revoked': () =>
    inOwn({}, async (world, { users }, user) => {
      const jar = await loggedIn(world)
      user.active = false
      const refreshed = await world.refresh(copyOf(jar))
      const detail = 'No active account found for the given token.'
      assert.equal([refreshed.status, refreshed.body], [401, { detail }])
      assert.equal(refreshed.setCookie, [])
      const me = await world.me(jar)
      assert.equal(
        [me.status, me.body],
        [401, { detail: 'User is inactive', code: 'user_inactive' }],
      )
      users.splice(0)
      const gone = await world.me(jar)
      assert.equal(
        [gone.status, gone.body],
        [401, { detail: 'User not found', code: 'user_not_found' }],
      )
      assert.equal((await world.refresh(copyOf(jar))).body, { detail })
      users.push({ ...eve })
      assert.is((await world.refresh(jar)).status, 200)
    }),

  'with CHECK_USER_IS_ACTIVE off a refresh asks nobody; a login still does': () =>
    inOwn({ env: { CURFEW_CHECK_USER_IS_ACTIVE: 'false' } }, async (world, { asked }, user) => {
      const jar = await loggedIn(world)
      asked.splice(0)
      user.active = false
      assert.is((await world.refresh(jar)).status, 200)
      assert.equal(asked, [])
      assert.is((await world.me(jar)).status, 200)
      assert.is((await world.login(newJar(), 'eve', password)).status, 401)
    }),

  'its call of /revocations ends every session; a logout works without it': () =>
    inOwn({}, async (world, foreign, user) => {
      const [jar, other] = [await loggedIn(world), await loggedIn(world)]
      user.password = 'battery staple'
      assert.is((await revoke(world, eve.sub)).status, 200)
      assert.is((await world.me(jar)).status, 401)
      assert.is((await world.refresh(other)).status, 401)
      const fresh = await loggedIn(world, 'battery staple')
      await foreign.close()
      assert.is((await world.logout(fresh)).status, 200)
    }),

  'a password that changes while it is checked opens a session that is dead when it is born':
    async () => {
      let meanwhile = async (): Promise<void> => {}
      const through = (directory: Credentials): Credentials => ({
        ...directory,
        verify: async (attempt) => {
          const verified = await directory.verify(attempt)
          await meanwhile()
          return verified
        },
      })
      await inOwn({ through }, async (world) => {
        meanwhile = async () => void (await revoke(world, eve.sub))
        const jar = await loggedIn(world)
        assert.is((await world.me(jar)).status, 401)
        assert.is((await world.refresh(jar)).status, 401)
      })
    },

  // asvs: 10.3.3
  'a name that moves to somebody else while a login runs opens no session of the first':
    async () => {
      const heir = { ...eve, sub: 'the-heir-of-the-name' }
      let moves = async (): Promise<void> => {}
      const through = (directory: Credentials): Credentials => ({
        ...directory,
        subjectOf: async (name) => {
          const sub = await directory.subjectOf(name)
          await moves()
          return sub
        },
      })
      await inOwn({ through }, async (world, { users }) => {
        moves = async () => void users.splice(0, 1, heir)
        assert.is(payloadOf(tokenIn(await loggedIn(world), 'access') ?? '').sub, heir.sub)
      })
    },

  // asvs: 16.5.2
  'while it does not answer, logins and refreshes are 503, nothing is used up or counted': () =>
    inOwn({}, async (world, foreign) => {
      const jar = await loggedIn(world)
      await foreign.close()
      for (let turn = 0; turn < 12; turn += 1) {
        const { status, body } = await world.login(newJar(), 'eve', 'a guess')
        assert.equal([status, body], [503, unavailable])
      }
      const { status, body, headers, setCookie } = await world.refresh(copyOf(jar))
      assert.equal([status, body, headers['retry-after'], setCookie], [503, unavailable, '1', []])
    }),
})
