import fc from 'fast-check'
import { LogRateLimit } from '../../../../shared/kernel/logging/log-rate-limit.ts'
import { fakeClock } from '../../../support/fakes/fake-clock.ts'
import { assert, claims } from '../../../support/suite.ts'

claims('a budget of lines', {
  'writes or counts each line, so many a second and kind': () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.nat(400)), { maxLength: 200 }),
        async (asked) => {
          const clock = fakeClock()
          const budget = new LogRateLimit(clock, 5)
          const told = { a: 0, b: 0 }
          const wanted = { a: 0, b: 0 }
          for (const [kind, waitMs] of asked as ['a' | 'b', number][]) {
            await clock.leap(waitMs)
            wanted[kind] += 1
            const omitted = budget.take(kind)
            if (omitted !== null) told[kind] += 1 + omitted
          }
          await clock.advance(1_000)
          for (const kind of ['a', 'b'] as const) {
            assert.is(told[kind] + (budget.take(kind) ?? -1), wanted[kind])
          }
        },
      ),
    ),

  'a flood of one kind leaves room for another': () => {
    const budget = new LogRateLimit(fakeClock(), 50)
    const written = Array.from({ length: 10_000 }, () => budget.take('flood'))
    assert.is(written.filter((one) => one !== null).length, 50)
    assert.is(budget.take('other'), 0)
  },
})
