import type { KeyOwner } from '../../shared/events/personal-fields.ts'
import { assert, claims } from '../support/suite.ts'
import { until } from '../support/until.ts'
import { inWorld } from '../support/worlds/gateway-world.ts'
import { memoryBacking, type OpenBacking } from '../support/worlds/world-backing.ts'

const dayMs = 86_400_000
const ofDay = (at: number): KeyOwner => `day:${new Date(at).toISOString().slice(0, 10)}`

claims('CURFEW_AUDIT_UNKNOWN_RETENTION', {
  'what was sealed for strangers longer ago is opened no more, and other keys stay': async () => {
    let days: readonly KeyOwner[] = []
    const backing: OpenBacking = async (clock) => {
      const opened = await memoryBacking(clock)
      const { personalKeys } = await opened.ports()
      days = [0, 1, 2, 3, 4].map((ago) => ofDay(clock.now() - ago * dayMs))
      for (const owner of [...days, 'sub:ann'] as const) await personalKeys.obtain(owner, 'key')
      return opened
    }
    // A gateway looks when it starts, and once an hour.
    await inWorld({ backing, env: { CURFEW_AUDIT_UNKNOWN_RETENTION: '2d' } }, async (world) => {
      const { personalKeys } = world.state
      const kept = async () => (await personalKeys.find(days)).map((key) => key !== null)
      await until('old ones are gone', async () => !(await kept()).every(Boolean))
      assert.equal(await kept(), [true, true, true, false, false])
      assert.equal(await personalKeys.find(['sub:ann']), ['key'])
    })
  },
})
