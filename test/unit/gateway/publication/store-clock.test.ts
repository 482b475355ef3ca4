import fc from 'fast-check'
import { StoreClock } from '../../../../services/gateway/publication/store-clock.ts'
import type { EpochMs } from '../../../../shared/kernel/ids.ts'
import { fakeClock } from '../../../support/fakes/fake-clock.ts'
import { assert, claims } from '../../../support/suite.ts'

const startMs = 1_800_000_000_000
const at = (ms: number): EpochMs => ms as EpochMs

const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('ask' as const) }),
    fc.record({ kind: fc.constant('jump' as const), ms: fc.integer({ min: -9e6, max: 9e6 }) }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 5_000 }) }),
    fc.record({ kind: fc.constant('tick' as const), trip: fc.integer({ min: 0, max: 4_000 }) }),
  ),
  { maxLength: 40 },
)

claims('the store clock', {
  'follows the store, wherever the host was when it was asked before the first tick': () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: -9e6, max: 9e6 }), steps, async (offMs, drawn) => {
        const clock = fakeClock(startMs + offMs)
        const storeNow = (): number => startMs + clock.monotonicMs()
        const storeClock = new StoreClock(clock)
        let ticked = false
        let before = 0
        for (const step of drawn) {
          if (step.kind === 'jump') clock.jump(step.ms)
          if (step.kind === 'wait') await clock.advance(step.ms)
          if (step.kind === 'tick') {
            const sentMs = clock.monotonicMs()
            await clock.advance(step.trip / 2)
            const t = at(Math.round(storeNow()))
            await clock.advance(step.trip / 2)
            storeClock.observe(t, sentMs, clock.monotonicMs())
            ticked = true
          }
          const now = storeClock.now()
          if (!ticked) continue
          assert.ok(Math.abs(now - storeNow()) <= storeClock.errorMs() + 1, 'is near the store')
          assert.ok(now >= before, 'never goes back')
          before = now
        }
      }),
    ),

  'knows nothing before the first tick': () => {
    assert.is(new StoreClock(fakeClock()).errorMs(), Number.POSITIVE_INFINITY)
  },
})
