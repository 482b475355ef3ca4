import { PendingEvents } from '../../../../services/gateway/publication/pending-events.ts'
import { event } from '../../../../shared/events/event.ts'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import { replacing } from '../../../support/fakes/faulty-stores.ts'
import { withContext } from '../../../support/other-rooms.ts'
import { assert, claims } from '../../../support/suite.ts'
import { race, until } from '../../../support/until.ts'
import { loggedEvents } from '../../../support/views/logged-events.ts'
import { inWorld } from '../../../support/worlds/gateway-world.ts'

const removed = (kid: string) => event('KeyRemoved', { ring: 'signing', kid, alg: 'ES256' })

claims('what a gateway notices by itself', {
  'is told once by all gateways that notice it, and again under another name': () =>
    inWorld({}, async (world) => {
      const stop = new AbortController()
      const gateways = Array.from({ length: 5 }, () => new PendingEvents())
      const running = race(
        5,
        (index) => gateways[index]?.run(world.rooms, stop.signal) as Promise<void>,
      )
      for (const one of gateways) {
        one.add('key-removed:a', removed('a'))
        one.add('key-removed:b', removed('b'))
      }
      const told = async () =>
        (await loggedEvents(world.state.log)).filter(({ event: { type } }) => type === 'KeyRemoved')
      await until('both are told', async () => (await told()).length >= 2)
      await world.clock.sleep(100)
      stop.abort()
      await running
      assert.is((await told()).length, 2)
    }),

  'waits for the store, in order': () =>
    inWorld({}, async (world) => {
      const stop = new AbortController()
      const { store } = world.rooms.context
      let fails = 2
      const flaky = replacing(store, {
        append: async (commit, telling) => {
          fails -= 1
          if (fails >= 0) throw new AuthError('STORE_UNAVAILABLE', 'down')
          return store.append(commit, telling)
        },
      })
      const pending = new PendingEvents()
      for (const kid of ['a', 'b', 'c']) pending.add(kid, removed(kid))
      const running = pending.run(withContext(world.rooms, { store: flaky }), stop.signal)
      const told = async () =>
        (await loggedEvents(world.state.log)).flatMap(({ event: { type, data } }) =>
          type === 'KeyRemoved' && 'kid' in data ? [data.kid] : [],
        )
      await until('all are told', async () => (await told()).length === 3)
      stop.abort()
      await running
      assert.equal(await told(), ['a', 'b', 'c'])
    }),

  'of too many the oldest go, and no other, also while one is being told': () =>
    inWorld({}, async (world) => {
      const stop = new AbortController()
      const { store } = world.rooms.context
      const pending = new PendingEvents(10)
      let isFirst = true
      const slow = replacing(store, {
        append: async (commit, telling) => {
          // What comes while the first is on its way pushes it out.
          if (isFirst) for (let at = 1; at <= 10; at += 1) pending.add(`k${at}`, removed(`k${at}`))
          isFirst = false
          return store.append(commit, telling)
        },
      })
      pending.add('k0', removed('k0'))
      const running = pending.run(withContext(world.rooms, { store: slow }), stop.signal)
      const told = async () =>
        (await loggedEvents(world.state.log)).flatMap(({ event: { type, data } }) =>
          type === 'KeyRemoved' && 'kid' in data ? [data.kid] : [],
        )
      await until('the last is told', async () => (await told()).includes('k10'))
      stop.abort()
      await running
      assert.equal(
        await told(),
        Array.from({ length: 11 }, (_, at) => `k${at}`),
      )
    }),
})
