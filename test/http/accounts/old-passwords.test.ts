import { createUser } from '../../../services/gateway/accounts/create-user.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { newJar } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { inWorld } from '../../support/worlds/gateway-world.ts'

const yearMs = 365 * 86_400_000

/** Long, of one kind of character each, and of none that a keyboard has. */
const passwords = ['vqzjwkxyfmbgpdhc'.repeat(4), '8413970265 '.repeat(6).trim(), '∮∑≠√⊕'.repeat(40)]

claims('a password', {
  // asvs: 6.2.5, 6.2.8, 6.2.9, 6.2.10
  'may be long and of any characters, and opens the account ten years later': async () => {
    const clock = fakeClock()
    await inWorld({ clock }, async (world) => {
      for (const [at, password] of passwords.entries()) {
        await createUser(world.rooms, { username: `u${at}`, password, roles: [] })
      }
      await clock.leap(10 * yearMs)
      await until('the gateway knows the time', async () => {
        await clock.advance(500)
        return world.rooms.context.storeClock.errorMs() < 500
      })
      for (const [at, password] of passwords.entries()) {
        assert.is((await world.login(newJar(), `u${at}`, password)).status, 200, password)
        assert.is((await world.login(newJar(), `u${at}`, password.slice(0, -1))).status, 401)
      }
    })
  },
})
