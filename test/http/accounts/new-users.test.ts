import { aUser } from '../../support/fakes/builders.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { newJar } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'

type Body = Readonly<Record<string, unknown>>
const env = { CURFEW_SERVICE_CLIENTS: 'signup:a-long-enough-secret:users' }
const authorization = `Basic ${Buffer.from('signup:a-long-enough-secret').toString('base64')}`

const byService = async (world: World, json: unknown) => {
  const answer = await world.send('/users', newJar(), { json, headers: { authorization } })
  return { ...answer, body: answer.body as Body }
}
const byAdmin = async (world: World, json: unknown) => {
  const admin = aUser({ roles: ['admin'] })
  await world.state.directory.create(admin)
  const answer = await world.send('/users', await world.open(admin), { json })
  return { ...answer, body: answer.body as Body }
}

claims('POST /users', {
  // asvs: 6.4.1
  'an administrator makes an account whose password nobody chose, and the user changes it': () =>
    inWorld({ env }, async (world) => {
      const { status, body } = await byAdmin(world, { username: 'ann', roles: ['editor'] })
      assert.is(status, 201)
      assert.equal([body['username'], body['active'], body['roles']], ['ann', true, ['editor']])
      const first = String(body['initial_password'])
      assert.ok(first.length >= 20)
      const jar = newJar()
      assert.is((await world.login(jar, 'ann', first)).status, 200)
      const json = { current_password: first, new_password: 'chosen by ann' }
      assert.is((await world.send('/password', jar, { json })).status, 200)
      assert.is((await world.login(newJar(), 'ann', 'chosen by ann')).status, 200)
      assert.is((await world.state.directory.byName('ann'))?.passwordUntil ?? null, null)
    }),

  // asvs: 6.4.1
  'the password that was made opens the account for a day, and no longer': async () => {
    const clock = fakeClock()
    await inWorld({ env, clock }, async (world) => {
      const { body } = await byService(world, { username: 'ann' })
      const login = async (): Promise<number> => {
        const { status } = await world.login(newJar(), 'ann', String(body['initial_password']))
        return status
      }
      assert.is(await login(), 200)
      await clock.leap(86_400_000)
      await until('the gateway knows the time', async () => {
        await clock.advance(500)
        return world.rooms.context.storeClock.errorMs() < 500
      })
      assert.is(await login(), 401)
    })
  },

  'a service passes on what its user chose; an administrator may not choose': () =>
    inWorld({ env }, async (world) => {
      const chosen = { username: 'ben', password: 'chosen by ben' }
      const made = await byService(world, chosen)
      assert.equal([made.status, made.body['initial_password']], [201, undefined])
      assert.is((await world.login(newJar(), 'ben', 'chosen by ben')).status, 200)
      const refused = await byAdmin(world, { username: 'cid', password: 'chosen by a boss' })
      assert.equal([refused.status, Object.keys(refused.body)], [400, ['password']])
      assert.is(await world.state.directory.byName('cid'), null)
    }),

  'what is wrong is 400 and named, a name that is taken 409': () =>
    inWorld({ env }, async (world) => {
      const cases: [unknown, string][] = [
        [{}, 'username'],
        [{ username: '' }, 'username'],
        [{ username: ' ann' }, 'username'],
        [{ username: 'a'.repeat(255) }, 'username'],
        [{ username: 'ann', roles: 'admin' }, 'roles'],
        [{ username: 'ann', roles: ['a b'] }, 'roles'],
        [{ username: 'ann', password: 'short' }, 'password'],
        [{ username: 'ann', active: false }, 'active'],
      ]
      for (const [json, field] of cases) {
        const { status, body } = await byService(world, json)
        assert.equal([status, Object.keys(body)], [400, [field]], JSON.stringify(json))
      }
      assert.is(await world.state.directory.count(), 0)
      assert.is((await byService(world, { username: 'ann' })).status, 201)
      const again = await byService(world, { username: 'ann' })
      assert.equal([again.status, again.body['code']], [409, 'user_exists'])
    }),
})
