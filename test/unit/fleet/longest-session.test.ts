import fc from 'fast-check'
import { openMemoryEventStore } from '../../../shared/adapters/memory/event-store.ts'
import { longestSession, noteLongestSession } from '../../../shared/fleet/longest-session.ts'
import { aCutoffCommit, later, noon } from '../../support/fakes/builders.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { assert, claims } from '../../support/suite.ts'

const policyOf = (sessionMaxLifetimeMs: number) => ({ sessionMaxLifetimeMs })
const opened = () => openMemoryEventStore({ clock: fakeClock(noon) })

claims('the greatest age that a session was ever allowed', {
  'is that of all starts, whichever setting is in force now': () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 1, maxLength: 6 }),
        async (lives) => {
          const store = opened()
          for (const ms of lives) await noteLongestSession(store, policyOf(ms), later(5))
          const expected = { ms: Math.max(...lives), since: 0 }
          assert.equal(await longestSession(store, policyOf(1), later(9)), expected)
        },
      ),
    ),

  'is kept by gateways that start at once': async () => {
    const store = opened()
    const lives = [3, 9, 1, 7, 5]
    await Promise.all(lives.map((ms) => noteLongestSession(store, policyOf(ms), later(5))))
    assert.is((await longestSession(store, policyOf(1), later(9))).ms, 9)
  },

  'is known from the first start on that noted it, in a store of older gateways': async () => {
    const store = opened()
    await store.append(aCutoffCommit({ s: 'all' }))
    await noteLongestSession(store, policyOf(4), later(5))
    await noteLongestSession(store, policyOf(8), later(50))
    assert.equal(await longestSession(store, policyOf(6), later(90)), { ms: 8, since: later(5) })
  },
})
