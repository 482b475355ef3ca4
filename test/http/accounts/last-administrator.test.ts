import type { User } from '../../../shared/ports/user-directory.ts'
import { aUser } from '../../support/fakes/builders.ts'
import type { Jar } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'

const administrator = async (world: World): Promise<{ user: User; jar: Jar }> => {
  const user = aUser({ roles: ['admin', 'staff'] })
  await world.state.directory.create(user)
  return { user, jar: await world.open(user) }
}
const call = async (
  world: World,
  jar: Jar,
  method: string,
  { sub }: User,
  json?: object,
): Promise<readonly [number, unknown]> => {
  const request = { method, ...(json ? { json } : {}) }
  const { status, body } = await world.send(`/users/${sub}`, jar, request)
  return [status, (body as { code?: unknown } | null)?.code]
}
const administrators = async (world: World): Promise<number> => {
  const users = await world.state.directory.list(null, 100)
  return users.filter(({ active, roles }) => active && roles.includes('admin')).length
}
const refused = [409, 'administrator_last'] as const
const changes = [
  ['PATCH', { active: false }],
  ['PATCH', { roles: ['staff'] }],
  ['DELETE', undefined],
] as const

claims('the last administrator', {
  'is not disabled, deleted or stripped, and its session stays': () =>
    inWorld({}, async (world) => {
      const { user, jar } = await administrator(world)
      for (const [method, json] of changes) {
        assert.equal(await call(world, jar, method, user, json), refused, method)
      }
      assert.is((await world.me(jar)).status, 200)
      // A disabled one does not count, and roles beside that of administrators are free.
      await world.state.directory.create(aUser({ roles: ['admin'], active: false }))
      assert.equal(await call(world, jar, 'DELETE', user), refused)
      assert.is((await call(world, jar, 'PATCH', user, { roles: ['admin'] }))[0], 200)
    }),

  'beside another one, each of the three goes through': async () => {
    for (const [method, json] of changes) {
      await inWorld({}, async (world) => {
        const { jar } = await administrator(world)
        const { user, jar: other } = await administrator(world)
        const [status] = await call(world, jar, method, user, json)
        assert.ok(status === 200 || status === 204)
        assert.is((await world.me(other)).status, 401)
        assert.is(await administrators(world), 1)
      })
    }
  },
})
