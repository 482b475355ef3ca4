import { within } from '../../../../shared/kernel/concurrency/within.ts'
import { fakeClock } from '../../../support/fakes/fake-clock.ts'
import { assert, claims } from '../../../support/suite.ts'

claims('within a time', {
  'what the work brings, or rejects with, and undefined when it is late': async () => {
    const clock = fakeClock()
    assert.is(await within(clock, 100, Promise.resolve('done')), 'done')
    const failing = within(clock, 100, Promise.reject(new Error('failed')))
    assert.is(await failing.catch(({ message }: Error) => message), 'failed')
    let bring: (value: string) => void = () => {}
    const slow = new Promise<string>((resolve) => {
      bring = resolve
    })
    const late = within(clock, 100, slow)
    await clock.advance(100)
    assert.is(await late, undefined)
    bring('too late')
    assert.is(await slow, 'too late')
  },

  'nothing sleeps on behind work that is done': async () => {
    const clock = fakeClock()
    const signals: AbortSignal[] = []
    const watched = {
      ...clock,
      sleep: (ms: number, signal?: AbortSignal) => {
        if (signal) signals.push(signal)
        return clock.sleep(ms, signal)
      },
    }
    await within(watched, 100, Promise.resolve())
    assert.equal(
      signals.map(({ aborted }) => aborted),
      [true],
    )
  },
})
