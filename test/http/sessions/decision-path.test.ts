import { appendSessionEnd } from '../../../services/gateway/revocations/append-revocation.ts'
import { noOrigin } from '../../../shared/events/event.ts'
import type { StreamId } from '../../../shared/kernel/ids.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { newJar, tokenIn } from '../../support/processes/browser.ts'
import { payloadOf } from '../../support/requests/visitor.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'

const headOf = async ({ state }: World, stream: StreamId) =>
  (await state.store.heads([stream]))[0] ?? null

claims('the decision path at a gateway', {
  'a session that is found dead is answered only when its end is published': () =>
    // The relay stands still with the clock: nobody else publishes it.
    inWorld({ clock: fakeClock() }, async (world) => {
      const jar = await world.open(await world.addUser())
      const { sid } = payloadOf(tokenIn(jar, 'access') ?? '')
      // As a gateway leaves it that crashed behind its append.
      const end = { sid: sid as never, reason: 'logout', origin: noOrigin } as const
      await appendSessionEnd(world.rooms, end)
      assert.is((await headOf(world, `s/${sid}`))?.published ?? null, null)
      assert.is((await world.logout(jar)).status, 401)
      await world.rooms.publisher.drain()
      assert.is.not((await headOf(world, `s/${sid}`))?.published ?? null, null)
    }),

  'failed logins append nothing to the stream that ends everything of their user': () =>
    inWorld({}, async (world) => {
      const user = await world.addUser()
      const before = await headOf(world, `u/${user.sub}`)
      for (let count = 0; count < 4; count += 1) {
        const json = { username: user.username, password: 'not the password' }
        assert.is((await world.send('/login', newJar(), { json })).status, 401)
      }
      assert.equal(await headOf(world, `u/${user.sub}`), before)
    }),
})
