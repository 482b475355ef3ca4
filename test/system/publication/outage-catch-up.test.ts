import { openMemoryEventLog } from '../../../shared/adapters/memory/event-log.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'
import { race, until } from '../../support/until.ts'
import { type OutageWorld, openOutageWorld } from '../../support/worlds/outage-world.ts'

type Outage = { isDown: boolean; keys: string[]; world: OutageWorld }

const inOutage = (work: (outage: Outage) => Promise<void>): Promise<void> =>
  inTempFolder('outage', async (folder) => {
    const real = openMemoryEventLog()
    const keys: string[] = []
    const state = { isDown: false }
    const away = (): AuthError => new AuthError('LOG_UNAVAILABLE', 'away')
    const log: EventLog = {
      ...real,
      publish: async (records) => {
        if (state.isDown) throw away()
        for (const { topic, key } of records) if (topic === 'auth.revocations') keys.push(key)
        return real.publish(records)
      },
      bounds: async (partition) => {
        if (state.isDown) throw away()
        return real.bounds(partition)
      },
    }
    const world = await openOutageWorld(folder, log)
    try {
      await until('the relay runs', () => world.goodRuns() > 0)
      await work(Object.assign(state, { keys, world }))
    } finally {
      await world.close()
    }
  })

const callers = 50
const each = 60
/** One request in flight, and what is marked behind it. */
const heldMax = 1_500

claims('an outage of the log', {
  'costs no revocation its answer, holds little in memory, and is caught up in order': () =>
    inOutage(async (outage) => {
      const { world, keys } = outage
      outage.isDown = true
      let held = 0
      const appended: string[] = []
      await race(callers, async () => {
        for (let turn = 0; turn < each; turn += 1) {
          const { commit, delivery } = await world.logout()
          assert.is(delivery.status, 'pending')
          assert.match(delivery.position ?? '', /^t:\d+$/)
          appended.push(commit.id.s)
          held = Math.max(held, world.publisher.heldCommits)
        }
      })
      assert.is(appended.length, callers * each)
      assert.ok(held <= callers, `${held} commits were held`)
      const inOrder: string[] = []
      for (const { id } of (await world.store.relayScan(appended.length)).revocations) {
        inOrder.push(`sid:${id.s.slice(2)}`)
      }
      assert.is(inOrder.length, appended.length)
      outage.isDown = false
      const runs = world.goodRuns()
      await until('all are published', async () => {
        held = Math.max(held, world.publisher.heldCommits)
        return (await world.pending()) === 0
      })
      assert.is((await world.logout()).delivery.status, 'acknowledged')
      await until('closed time goes on', () => world.goodRuns() > runs + 1)
      assert.ok(held <= heldMax, `${held} commits were held`)
      const old = new Set(inOrder)
      const told = [...new Set(keys.filter((key) => old.has(key)))]
      assert.equal(told, inOrder)
    }),
})
