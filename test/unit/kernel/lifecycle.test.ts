import { aborted, type Closable, Lifecycle } from '../../../shared/kernel/lifecycle.ts'
import { assert, claims } from '../../support/suite.ts'

const part = (name: string, closed: string[], error?: Error): Closable => ({
  close: async () => {
    closed.push(name)
    if (error) throw error
  },
})

claims('lifecycle', {
  'closes in reverse of opening, once': async () => {
    const closed: string[] = []
    const parts = new Lifecycle()
    for (const name of ['store', 'log', 'server']) await parts.use(part(name, closed))
    await Promise.all([parts.close(), parts.close()])
    await parts.close()
    assert.equal(closed, ['server', 'log', 'store'])
  },

  'closes the rest when one fails, and tells every failure': async () => {
    const closed: string[] = []
    const parts = new Lifecycle()
    await parts.use(part('store', closed, new Error('first')))
    await parts.use(part('log', closed))
    await parts.use(part('server', closed, new Error('second')))
    const failure = await parts.close().then(
      () => null,
      (error: AggregateError) => error,
    )
    assert.equal(closed, ['server', 'log', 'store'])
    assert.equal(
      failure?.errors.map((error: Error) => error.message),
      ['second', 'first'],
    )
  },

  'what failed to open is not closed, and the failure is passed on': async () => {
    const closed: string[] = []
    const parts = new Lifecycle()
    await parts.use(part('store', closed))
    const opening = parts.use(Promise.reject<Closable>(new Error('no broker')))
    assert.is(await opening.catch((error: Error) => error.message), 'no broker')
    await parts.close()
    assert.equal(closed, ['store'])
  },

  'waiting for a stop ends when it comes, and at once when it has come': async () => {
    const stop = new AbortController()
    const waiting = aborted(stop.signal)
    stop.abort()
    await waiting
    await aborted(stop.signal)
  },
})
