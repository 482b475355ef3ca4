import type { User } from '../../../shared/ports/user-directory.ts'
import { aClaim, aUser } from '../../support/fakes/builders.ts'
import { type Jar, newJar, tokenIn } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`
const manager = 'manager:a-long-enough-secret'
const reader = 'reader:another-long-secret'
const env = { CURFEW_SERVICE_CLIENTS: `${manager}:users,${reader}:introspect+revoke` }
const forbidden = {
  detail: 'You do not have permission to perform this action.',
  code: 'forbidden',
}

type Known = Readonly<{ user: User; jar: Jar }>
const someone = async (world: World, over: Partial<User> = {}): Promise<Known> => {
  const user = aUser(over)
  await world.state.directory.create(user)
  return { user, jar: await world.open(user) }
}
const admin = (world: World): Promise<Known> => someone(world, { roles: ['admin'] })
const users = (world: World, jar: Jar, headers: Record<string, string> = {}) =>
  world.send('/users', jar, { method: 'GET', headers })

claims('who may administer accounts', {
  // asvs: 8.2.1
  'an administrator, by cookie and by bearer token; nobody without the role': () =>
    inWorld({ env }, async (world) => {
      const { jar } = await admin(world)
      assert.is((await users(world, jar)).status, 200)
      const authorization = `Bearer ${tokenIn(jar, 'access')}`
      assert.is((await users(world, newJar(), { authorization })).status, 200)
      const answer = await users(world, (await someone(world)).jar)
      assert.equal([answer.status, answer.body], [403, forbidden])
      assert.is((await users(world, newJar())).status, 401)
      assert.is((await users(world, newJar(), { authorization: 'Bearer x' })).status, 401)
    }),

  // asvs: 8.3.1
  'the role is the directory’s of now, whatever the token says': () =>
    inWorld({ env }, async (world) => {
      const { user, jar } = await admin(world)
      await world.state.directory.change(user.sub, { roles: [] })
      assert.equal((await users(world, jar)).body, forbidden)
      const late = await someone(world)
      await world.state.directory.change(late.user.sub, { roles: ['admin'] })
      assert.is((await users(world, late.jar)).status, 200)
    }),

  'the role has the name that the setting gives': () =>
    inWorld({ env: { ...env, CURFEW_ADMIN_ROLE: 'root' } }, async (world) => {
      assert.is((await users(world, (await admin(world)).jar)).status, 403)
      assert.is((await users(world, (await someone(world, { roles: ['root'] })).jar)).status, 200)
    }),

  'a service client with the permission, and none without it': () =>
    inWorld({ env }, async (world) => {
      const as = (text: string) => users(world, newJar(), { authorization: basic(text) })
      assert.is((await as(manager)).status, 200)
      const reading = await as(reader)
      assert.equal([reading.status, reading.body], [403, { error: 'unauthorized_client' }])
      assert.is((await as('manager:a-wrong-long-secret')).status, 401)
      // Its scheme says that a service speaks: a cookie beside it lends it nothing.
      const { jar } = await admin(world)
      const both = await users(world, jar, { authorization: basic(reader) })
      assert.is(both.status, 403)
    }),

  'a disabled administrator is none, even before the sessions are ended': () =>
    inWorld({ env }, async (world) => {
      const { user, jar } = await admin(world)
      const due = { claim: aClaim(), what: 'disabled', above: -1 } as const
      // What a crash leaves between the directory's write and the cutoff.
      await world.state.directory.change(user.sub, { active: false, due })
      assert.is((await users(world, jar)).status, 401)
      assert.is((await world.state.directory.bySub(user.sub))?.due, null)
    }),

  'an ended session has no authority': () =>
    inWorld({ env }, async (world) => {
      const { jar } = await admin(world)
      const stolen = new Map(jar)
      await world.logout(jar)
      assert.is((await users(world, stolen)).status, 401)
    }),

  'a write that a foreign page caused is refused, cookie or not': () =>
    inWorld({ env }, async (world) => {
      const { user, jar } = await admin(world)
      for (const headers of [
        { 'sec-fetch-site': 'cross-site' },
        { origin: 'https://evil.example' },
      ]) {
        for (const write of [{ method: 'PATCH', json: { active: false } }, { method: 'DELETE' }]) {
          const answer = await world.send(`/users/${user.sub}`, jar, { ...write, headers })
          assert.is(answer.status, 403)
          assert.is((answer.body as { code: string }).code, 'origin_refused')
        }
      }
      assert.is((await world.state.directory.bySub(user.sub))?.active, true)
    }),
})
