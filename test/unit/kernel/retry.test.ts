import { AuthError } from '../../../shared/kernel/errors.ts'
import { retry, withTimeout } from '../../../shared/kernel/retry.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { seededEntropy } from '../../support/fakes/seeded-entropy.ts'
import { assert, claims } from '../../support/suite.ts'

const busy = (): AuthError => new AuthError('STORE_CONTENDED', 'busy')
const setUp = () => ({ clock: fakeClock(), entropy: seededEntropy('retry'), deadlineMs: 1_000 })

/** Fails `failures` times, then answers how often it was called. */
const attempts = (failures: number, error: () => Error = busy) => {
  let calls = 0
  const attempt = async (): Promise<number> => {
    calls += 1
    if (calls <= failures) throw error()
    return calls
  }
  return { attempt, calls: () => calls }
}

claims('retry', {
  'goes on until it succeeds': async () => {
    const options = setUp()
    const { attempt } = attempts(5)
    const result = retry(attempt, options)
    await options.clock.advance(1_000)
    assert.is(await result, 6)
  },

  'ends at once with an error that says it will not pass': async () => {
    for (const error of [() => new Error('defect'), () => new AuthError('TOKEN_INVALID', 'no')]) {
      const { attempt, calls } = attempts(9, error)
      const outcome = await retry(attempt, setUp()).catch((thrown: Error) => thrown.message)
      assert.is(outcome, error().message)
      assert.is(calls(), 1)
    }
  },

  'begins no further try after the deadline, and throws the last error': async () => {
    const options = setUp()
    const { attempt, calls } = attempts(1_000)
    const result = retry(attempt, options).catch((error: AuthError) => error.code)
    await options.clock.advance(5_000)
    assert.is(await result, 'STORE_CONTENDED')
    assert.ok(calls() > 4 && calls() < 100, `${calls()} calls`)
    assert.ok(options.clock.sleeping() === 0)
  },

  'ends when it is told to stop': async () => {
    const options = setUp()
    const stop = new AbortController()
    const { attempt, calls } = attempts(1_000)
    const result = retry(attempt, { ...options, signal: stop.signal }).catch(() => 'stopped')
    stop.abort()
    assert.is(await result, 'stopped')
    assert.ok(calls() <= 2)
  },
})

claims('within', {
  'gives the result of work that is quick, and leaves no timer behind': async () => {
    const clock = fakeClock()
    assert.is(await withTimeout(clock, 100, Promise.resolve('done'), busy), 'done')
    assert.is(clock.sleeping(), 0)
  },

  'rejects with the given error when work is late, whose own failure disturbs nobody': async () => {
    const clock = fakeClock()
    let failLate: (error: Error) => void = () => {}
    const work = new Promise<string>((_, reject) => {
      failLate = reject
    })
    const result = withTimeout(clock, 100, work, busy).catch((error: AuthError) => error.code)
    await clock.advance(100)
    assert.is(await result, 'STORE_CONTENDED')
    failLate(new Error('late'))
    await clock.advance(1)
  },
})
