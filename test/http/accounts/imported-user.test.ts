import { hash as bcryptHash } from 'bcryptjs'
import { importUser } from '../../../services/gateway/accounts/create-user.ts'
import { hashCost, isCurrentHash } from '../../../services/gateway/accounts/password-hash.ts'
import { newJar } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld } from '../../support/worlds/gateway-world.ts'

const password = 'pässwörd of Django 1'
// As Django writes it, but for its cost, at which bcrypt takes half a second of this thread.
const passwordHash = `bcrypt$${await bcryptHash(password, 4)}`

claims('an imported user', {
  // asvs: 11.2.2, 11.4.2
  'logs in without a reset, keeps the id, and has an argon2id hash from then on': () =>
    inWorld({ hashCost }, async (world) => {
      const account = { id: '42', username: 'alice', passwordHash, roles: [], active: true }
      const { sub } = await importUser(world.rooms, account)
      assert.is((await world.login(newJar(), 'alice', 'wrong')).status, 401)
      const jar = newJar()
      assert.is((await world.login(jar, 'alice', password)).status, 200)
      assert.is(((await world.me(jar)).body as { user_id: string }).user_id, '42')
      const upgraded = await world.state.directory.bySub(sub)
      assert.ok(isCurrentHash(upgraded?.passwordHash ?? ''))
      assert.is((await world.login(newJar(), 'alice', password)).status, 200)
    }),

  'who was inactive stays out': () =>
    inWorld({}, async (world) => {
      const account = { id: '43', username: 'bob', passwordHash, roles: [], active: false }
      await importUser(world.rooms, account)
      assert.is((await world.login(newJar(), 'bob', password)).status, 401)
    }),
})
