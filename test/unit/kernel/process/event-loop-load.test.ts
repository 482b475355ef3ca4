import { EventLoopLoad, ownUtilization } from '../../../../shared/kernel/process/event-loop-load.ts'
import { fakeClock } from '../../../support/fakes/fake-clock.ts'
import { assert, claims } from '../../../support/suite.ts'

const watched = (busyFrom: number) => {
  const clock = fakeClock()
  const state = { share: 0, looks: 0 }
  const load = new EventLoopLoad(clock, busyFrom, () => {
    state.looks += 1
    return state.share
  })
  return { clock, state, load }
}

claims('the load of an event loop', {
  'it is busy from the given share on': async () => {
    const { clock, state, load } = watched(0.8)
    for (const [share, isBusy] of [
      [0.79, false],
      [0.8, true],
      [1, true],
      [0, false],
    ] as const) {
      state.share = share
      await clock.advance(100)
      assert.is(load.isBusy(), isBusy, String(share))
    }
  },

  'however often it is asked, it looks ten times a second': async () => {
    const { clock, state, load } = watched(0.8)
    for (let ms = 0; ms < 1_000; ms += 10) {
      load.isBusy()
      await clock.advance(10)
    }
    load.isBusy()
    assert.is(state.looks, 10)
  },

  'the share is of the time since the last look, and no more than all of it': () => {
    const utilization = ownUtilization()
    for (const _ of [1, 2]) {
      const share = utilization()
      assert.ok(share >= 0 && share <= 1, String(share))
    }
  },
})
